//! `[tenant.brand]`: what messages and pages show, kept to what fits and can be read.
//!
//! Whether a short name is made of characters that texts can carry is checked with the texts.

use crate::domain::color::Color;
use crate::domain::table::{Key, Table, check, named};
use crate::domain::tenant::Brand;
use crate::domain::wrong::Wrong;

pub(super) const BRAND: &[Key] =
    &named(["short_name", "legal_name", "address", "support_phone", "color", "logo", "from", "reply_to"]);

/// Every text message is counted with a name of this length.
const SHORT_NAME: usize = 18;
/// And with a number of this length: `1-800-555-0199`.
const SUPPORT_PHONE: usize = 14;
/// White letters stand on the brand's colour (WCAG 2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

pub(super) fn read(table: &mut Table<'_, '_>) -> Brand {
    Brand {
        short_name: table.line("short_name", SHORT_NAME),
        legal_name: table.line("legal_name", 200),
        address: table.line("address", 300),
        support_phone: table.read("support_phone", support_phone),
        color: table.read("color", color),
        logo: table.line("logo", 2048),
        from: table.read("from", check::mailbox),
        reply_to: table.read("reply_to", check::mailbox),
    }
}

fn support_phone(text: &str) -> Result<String, Wrong> {
    let number = check::line(text, SUPPORT_PHONE)?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits < 3 || !number.bytes().all(|b| b.is_ascii_digit() || b"+-(). ".contains(&b)) {
        return Err(Wrong::of("fault.phone", [("text", check::quoted(text))]));
    }
    Ok(number)
}

fn color(text: &str) -> Result<String, Wrong> {
    let color =
        Color::parse(text).ok_or_else(|| Wrong::of("fault.colour", [("text", check::quoted(text))]))?;
    let contrast = color.contrast(Color::WHITE);
    if contrast < LEAST_CONTRAST {
        let contrast = (contrast * 100.0).floor() / 100.0;
        let values = [
            ("text", text.to_owned()),
            ("contrast", format!("{contrast:.2}")),
            ("least", LEAST_CONTRAST.to_string()),
        ];
        return Err(Wrong::of("fault.contrast", values));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_can_be_read_on_a_brand_color() {
        for good in ["#0550ae", "#116329", "#8250df", "#a40e26", "#000000", "#767676", "#0550AE"] {
            assert_eq!(color(good), Ok(good.to_owned()));
        }
        for bad in ["0550ae", "#05a", "#0550ag", "#0550ae0", "blue", "#", "#é50ae", "rgb(0,0,0)"] {
            let told = color(bad).unwrap_err().to_string();
            assert_eq!(told, format!("{bad:?} is not a colour such as #0550ae"));
        }
        assert_eq!(
            color("#777777").unwrap_err().to_string(),
            "#777777 has a contrast of 4.47:1 to white; allowed is 4.5:1 or more, a darker colour"
        );
        assert!(color("#ffffff").unwrap_err().to_string().starts_with("#ffffff has a contrast of 1.00:1"));
    }

    #[test]
    fn a_support_phone_can_be_dialled() {
        for good in ["800-555-0199", "1-800-555-0199", "(800) 555-0199", "+18005550199", "911"] {
            assert_eq!(support_phone(good), Ok(good.to_owned()));
        }
        for bad in ["call us", "--", "1-800-555-0199 x 7", "800-555-0199\n"] {
            assert!(support_phone(bad).is_err(), "{bad:?}");
        }
    }
}
