//! Colours, and how well two of them can be told apart (WCAG 2, 1.4.3 and 1.4.11).

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

    /// The colour of letters on this one, where it can be told as a shape from the page it stands on.
    pub fn letters_on(self, page: Self) -> Option<Self> {
        if self.contrast(page) < SHAPES {
            return None;
        }
        Some(if self.contrast(Self::WHITE) >= LETTERS { Self::WHITE } else { Self::BLACK })
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
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
        let dark = color("#0d1117");
        for (accent, on_white, on_dark) in [
            ("#0550ae", Some(Color::WHITE), None),
            ("#116329", Some(Color::WHITE), None),
            ("#8250df", Some(Color::WHITE), Some(Color::WHITE)),
            ("#ffd33d", None, Some(Color::BLACK)),
            ("#cc6600", Some(Color::BLACK), Some(Color::BLACK)),
            ("#ffffff", None, Some(Color::BLACK)),
        ] {
            assert_eq!(color(accent).letters_on(Color::WHITE), on_white, "{accent} on white");
            assert_eq!(color(accent).letters_on(dark), on_dark, "{accent} on dark");
        }
    }
}
