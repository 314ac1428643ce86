//! What a message to a guest says: a code to type, or the link to a session. A code to type says the same to others.

use zeroize::Zeroizing;

use crate::domain::channel::Channel;
use crate::domain::guest::{Matter, way_in};
use crate::domain::message::Purpose;
use crate::message::render::{EmailBody, RenderError, Renderer, SessionInvite, TypedCode, TypedFor};
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::client::check_code;
use crate::usecase::pin::send_link;

use super::send::Ready;

/// The code, or the whole address of the link; a call is asked for without.
///
/// # Errors
/// A key that is not configured.
pub fn secret(desk: &Desk, ready: &Ready<'_>) -> Result<Zeroizing<String>, StoreError> {
    match ready.message.purpose {
        Purpose::SessionInvite => send_link::address(desk, ready.tenant, ready.challenge),
        _ if ready.message.channel == Channel::Voice => Ok(Zeroizing::default()),
        _ => Ok(Zeroizing::new(check_code::derive(desk, ready.tenant, ready.challenge)?.expose().to_owned())),
    }
}

/// The email.
///
/// # Errors
/// A template that wants a value it is not given.
pub fn email(
    renderer: &Renderer,
    ready: &Ready<'_>,
    host: &str,
    secret: &str,
) -> Result<EmailBody, RenderError> {
    match ready.message.purpose {
        Purpose::SessionInvite => renderer.session_invite_email(&invite(ready, secret)),
        _ => renderer.session_code_email(&code(ready, host, secret)),
    }
}

/// The text.
///
/// # Errors
/// As for the email, and a text that does not fit one segment.
pub fn sms(renderer: &Renderer, ready: &Ready<'_>, host: &str, secret: &str) -> Result<String, RenderError> {
    match ready.message.purpose {
        Purpose::SessionInvite => renderer.session_invite_sms(&invite(ready, secret)),
        _ => renderer.typed_code_sms(&code(ready, host, secret)),
    }
}

/// What a code is typed for.
pub fn typed_for(purpose: Purpose) -> TypedFor {
    match purpose {
        Purpose::SignerCode => TypedFor::Signer,
        Purpose::LoginCode => TypedFor::Login,
        Purpose::PinCode => TypedFor::Pin,
        _ => TypedFor::Session,
    }
}

fn code<'a>(ready: &'a Ready<'_>, host: &'a str, code: &'a str) -> TypedCode<'a> {
    TypedCode {
        tenant: ready.tenant,
        locale: ready.locale(),
        purpose: typed_for(ready.message.purpose),
        name: &ready.contact.name,
        code,
        host,
        valid_for: ready.challenge.expires_at.since(ready.at),
    }
}

fn invite<'a>(ready: &'a Ready<'_>, link: &'a str) -> SessionInvite<'a> {
    let (agent_name, starts_at) = match ready.guest.map(|guest| &guest.matter) {
        Some(Matter::Session { agent, starts_at, .. }) => (agent.name.as_str(), *starts_at),
        Some(Matter::Signing { .. }) | None => ("", None),
    };
    SessionInvite {
        tenant: ready.tenant,
        locale: ready.locale(),
        name: &ready.contact.name,
        agent_name,
        link,
        starts_at,
        coded: ready.guest.is_some_and(|guest| way_in(guest).is_some()),
        last2: ready.contact.mobile.as_ref().map_or("", |phone| phone.last2()),
    }
}
