//! Colours, how well two of them can be told apart (WCAG 2, 1.4.3 and 1.4.11), and where a tenant's may be used.

use serde::{Serialize, Serializer};

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// Letters are told from what is behind them.
const LETTERS: f64 = 4.5;
/// And shapes.
const SHAPES: f64 = 3.0;

impl Color {
    pub const WHITE: Self = Self([255; 3]);
    pub const BLACK: Self = Self([0; 3]);
    /// What pages and windows of ours stand on where it is light, and where it is dark.
    pub const LIGHT: Self = Self::WHITE;
    pub const DARK: Self = Self([0x0d, 0x11, 0x17]);

    /// A colour such as `#0550ae`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
        let mut rgb = [0; 3];
        hex::decode_to_slice(hex, &mut rgb).ok()?;
        Some(Self(rgb))
    }

    /// As it was parsed.
    pub fn to_hex(self) -> String {
        format!("#{}", hex::encode(self.0))
    }

    /// The contrast ratio: 1 for the same colour, 21 for black and white.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// This colour as the accent of a page, where it can be told from that as a shape.
    fn accent_on(self, page: Self) -> Option<Accent> {
        let white = self.contrast(Self::WHITE) >= LETTERS;
        let letters = if white { Self::WHITE } else { Self::BLACK };
        (self.contrast(page) >= SHAPES).then_some(Accent { fill: self, letters })
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

/// A colour that marks what is to be pressed, and that of letters on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Accent {
    pub fill: Color,
    pub letters: Color,
}

/// The accent on a light page and on a dark one; none where it could not be told from the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Accents {
    pub light: Option<Accent>,
    pub dark: Option<Accent>,
}

impl Accents {
    /// Of a tenant's colour.
    pub fn of(color: Option<&str>) -> Self {
        let Some(color) = color.and_then(Color::parse) else { return Self::default() };
        Self { light: color.accent_on(Color::LIGHT), dark: color.accent_on(Color::DARK) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn six_digits_are_a_color_and_nothing_else_is() {
        assert_eq!(color("#0550AE").to_hex(), "#0550ae");
        for bad in ["0550ae", "#05a", "#0550ag", "#0550ae0", "#", "#é50ae", "", "red"] {
            assert_eq!(Color::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn letters_are_told_from_a_color_and_the_color_from_the_page() {
        assert!((Color::BLACK.contrast(Color::WHITE) - 21.0).abs() < 1e-9);
        assert!((color("#767676").contrast(Color::WHITE) - 4.54).abs() < 0.01);
        assert_eq!(Color::DARK.to_hex(), "#0d1117");
        for (accent, on_light, on_dark) in [
            ("#0550ae", Some(Color::WHITE), None),
            ("#116329", Some(Color::WHITE), None),
            ("#8250df", Some(Color::WHITE), Some(Color::WHITE)),
            ("#ffd33d", None, Some(Color::BLACK)),
            ("#cc6600", Some(Color::BLACK), Some(Color::BLACK)),
            ("#ffffff", None, Some(Color::BLACK)),
        ] {
            let with =
                |letters: Option<Color>| letters.map(|letters| Accent { fill: color(accent), letters });
            let expected = Accents { light: with(on_light), dark: with(on_dark) };
            assert_eq!(Accents::of(Some(accent)), expected, "{accent}");
        }
        for none in [None, Some(""), Some("red")] {
            assert_eq!(Accents::of(none), Accents::default(), "{none:?}");
        }
    }
}
