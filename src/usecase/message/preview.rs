//! The code message as a tenant's clients would get it, made up of examples: nothing is sent, and nothing is kept.

use crate::domain::channel::Channel;
use crate::domain::gsm7;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::render::{ClientCode, RenderError};

use super::Post;

/// A message as it would arrive.
pub enum Previewed {
    Email {
        subject: String,
        html: String,
    },
    /// With what the carrier counts it as.
    Text {
        text: String,
        segments: usize,
    },
}

/// The message with a client's code, on that way. A call is not shown: it is heard.
///
/// # Errors
/// [`RenderError`]
pub fn preview(
    post: &Post,
    tenant: &Tenant,
    (channel, locale): (Channel, Locale),
    now: Timestamp,
) -> Result<Previewed, RenderError> {
    let message = ClientCode {
        tenant,
        locale,
        contact_name: "Ana Ruiz",
        agent_name: Some("Maria Lopez"),
        code: "482913",
        valid_for: tenant.policy.client.code.code_valid,
        sent_at: now,
    };
    if channel == Channel::Email {
        let body = post.renderer.client_code_email(&message)?;
        return Ok(Previewed::Email { subject: body.subject, html: body.html });
    }
    let text = post.renderer.client_code_sms(&message)?;
    Ok(Previewed::Text { segments: gsm7::segments(&text), text })
}
