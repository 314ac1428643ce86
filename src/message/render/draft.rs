//! A wording that nobody published yet, as it would go out: what is wrong with it is told, and no built-in text stands in for it.

use serde_json::{Map, Value};

use super::view::{Aloud, Frame, sender_in_text};
use super::wording::{line_of, sms_of};
use super::{EmailBody, RenderError, Renderer, Said, to_value};
use crate::domain::call::script::Line;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::wording::{Spot, Wording};

/// A wording of a tenant's, with examples for the values that are not the tenant's own.
#[derive(Clone, Copy)]
pub struct Unpublished<'a> {
    pub tenant: &'a Tenant,
    pub spot: Spot,
    pub wording: &'a Wording,
    pub values: &'a [(&'static str, String)],
}

impl Unpublished<'_> {
    /// The examples, behind what is known of the tenant.
    fn values(&self, own: Value) -> Value {
        let mut values = if let Value::Object(own) = own { own } else { Map::new() };
        for (name, example) in self.values {
            values.entry(*name).or_insert_with(|| Value::String(example.clone()));
        }
        Value::Object(values)
    }

    fn name(&self) -> String {
        format!("the draft of {}", self.spot)
    }
}

impl Renderer {
    /// The draft of an email.
    ///
    /// # Errors
    /// A value that it places and that is not there.
    pub fn unpublished_email(&self, draft: &Unpublished<'_>) -> Result<EmailBody, RenderError> {
        let name = draft.name();
        let own = to_value(&name, &Frame::new(draft.tenant, draft.spot.locale))?;
        self.own_email(draft.wording, &name, draft.values(own))
    }

    /// The draft of a text.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn unpublished_sms(&self, draft: &Unpublished<'_>) -> Result<String, RenderError> {
        let (brand, phone) = sender_in_text(draft.tenant);
        let own = serde_json::json!({"brand": brand, "phone": phone});
        sms_of(draft.wording, &draft.name(), draft.values(own))
    }

    /// What is said at these lines of the draft of a call; those in the other language are as they are said now.
    ///
    /// # Errors
    /// As for the email.
    pub fn unpublished_call(
        &self,
        draft: &Unpublished<'_>,
        lines: &[(Line, Locale)],
        code: &str,
    ) -> Result<Vec<Said>, RenderError> {
        let (aloud, name) = (Aloud::new(draft.tenant), draft.name());
        let say = |line: &(Line, Locale)| {
            if line.1 != draft.spot.locale {
                return self.call(draft.spot.kind, draft.tenant, &[*line], code);
            }
            let words = line_of(draft.wording, &name, line.0, to_value(&name, &aloud)?)?;
            Ok(vec![Said::new(line.1, &words, code)])
        };
        Ok(lines.iter().map(say).collect::<Result<Vec<_>, _>>()?.concat())
    }
}
