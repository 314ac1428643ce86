//! The shape of what the window starts with: contacts masked, states in words of a fixed set.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::agent::Agent;
use crate::domain::color::Accents;
use crate::domain::locale::Locale;
use crate::domain::pin::DIGITS;
use crate::domain::request::Reach;
use crate::domain::status::{self, View};
use crate::domain::tenant::Tenant;
use crate::http::api::shape::MessageShape;
use crate::store::Trace;
use crate::usecase::client::view_client::{ClientView, Listed};
use crate::usecase::pin::view_pin::PinView;

/// A session or a signing with what its agent may do, under its own name.
pub fn guests(
    tenant: &Tenant,
    agent: Option<&Agent>,
    (name, matter): (&'static str, impl Serialize),
) -> Value {
    json!({
        name: matter,
        "tenant": brand(tenant),
        "agent": named(agent),
        "may": {
            "reveal": tenant.policy.session.agent_sees_code,
            "access_code": tenant.policy.signer.access_code,
        },
    })
}

/// Everything, for one agent in one language.
pub fn shape(tenant: &Tenant, agent: Option<&Agent>, locale: Locale, viewed: &ClientView) -> Value {
    let client = &viewed.client;
    let status = status::of(View { tenant, locale, now: viewed.now }, &client.outline());
    json!({
        "client": {"id": client.id, "name": client.name},
        "tenant": brand(tenant),
        "agent": named(agent),
        "status": status,
        "challenge": challenge(viewed),
        "pin": pin(tenant, &viewed.pin),
        "contacts": viewed.contacts.iter().map(contact).collect::<Vec<_>>(),
        "reported_until": client.standing.reported_until.filter(|until| *until > viewed.now),
        "recent": viewed.recent.iter().filter_map(|trace| recent(viewed, agent, trace)).collect::<Vec<_>>(),
    })
}

/// What the window is told of its tenant.
pub fn brand(tenant: &Tenant) -> Value {
    json!({
        "name": tenant.name,
        "short_name": tenant.short_name(),
        "support_phone": tenant.brand.support_phone,
        "accent": Accents::of(tenant.brand.color.as_deref()),
        "digits": tenant.policy.client.code.digits,
        "time_zone": time_tz::TimeZone::name(tenant.time_zone),
    })
}

fn named(agent: Option<&Agent>) -> Value {
    agent.map_or(Value::Null, |a| json!({"id": a.id, "name": a.name}))
}

fn challenge(viewed: &ClientView) -> Value {
    let Some(live) = &viewed.challenge else { return Value::Null };
    let challenge = &live.challenge;
    json!({
        "id": challenge.id,
        "state": live.state,
        "digits": challenge.digits,
        "contact": challenge.contact,
        "contact_name": challenge.contact_name,
        "agent": named(challenge.agent.as_ref()),
        "expires_at": challenge.expires_at,
        "resend_at": challenge.resend_at,
        "tries_left": live.tries_left,
        "messages": live.messages.iter().map(MessageShape::from).collect::<Vec<_>>(),
    })
}

fn pin(tenant: &Tenant, viewed: &PinView) -> Value {
    let link = viewed.link.as_ref();
    let mut pin = json!({
        "enabled": tenant.policy.pin.enabled,
        "digits": DIGITS,
        "confirm_by_code": tenant.policy.pin.confirm_by_code,
        "state": viewed.state,
        "set_at": viewed.set_at,
        "link": link.map(|link| json!({"contact": link.contact, "expires_at": link.expires_at})),
    });
    if let (Some(left), Value::Object(pin)) = (viewed.tries_left, &mut pin) {
        pin.insert("tries_left".to_owned(), json!(left));
    }
    pin
}

fn contact(listed: &Listed) -> Value {
    let open = listed.ways.iter().any(Reach::is_open);
    let stopped = listed.ways.iter().any(|way| way.opted_out);
    let changed_until = listed.ways.iter().filter_map(|way| way.blocked_until).min();
    let (reason, until) = match (listed.locked_until, open, changed_until) {
        (Some(until), _, _) => (Some("locked"), Some(until)),
        (None, true, _) => (None, None),
        (None, false, Some(until)) => (Some("changed"), Some(until)),
        (None, false, None) if stopped => (Some("opted_out"), None),
        (None, false, None) if listed.ways.iter().any(|way| way.not_served) => (Some("not_served"), None),
        (None, false, None) => (Some("no_contact"), None),
    };
    json!({
        "id": listed.contact.id,
        "name": listed.contact.name,
        "role": listed.contact.role,
        "locale": listed.contact.locale,
        "reachable": reason.is_none(),
        "reason": reason,
        "until": until,
        "channels": listed.ways.iter().map(channel).collect::<Vec<_>>(),
    })
}

fn channel(way: &Reach) -> Value {
    json!({
        "channel": way.channel,
        "to": way.destination.masked(),
        "changed_at": way.changed_at,
        "blocked": !way.is_open(),
        "opted_out": way.opted_out,
        "not_served": way.not_served,
    })
}

/// An audit entry that an agent should see, in the window's own word.
fn recent(viewed: &ClientView, reader: Option<&Agent>, trace: &Trace) -> Option<Value> {
    let action = match (trace.action.as_str(), trace.outcome.as_str()) {
        ("code.request" | "code.resend", "sent") => "sent",
        ("code.check", "verified") => "verified",
        ("code.check", "incorrect") => "incorrect",
        ("code.check", "locked") => "locked",
        ("pin.link", "sent") => "pin_link_sent",
        ("pin.set", "set" | "reset") => "pin_set",
        ("pin.check", "verified") => "pin_verified",
        ("pin.check", "incorrect") => "pin_incorrect",
        ("pin.lock", _) => "pin_locked",
        ("code.cancel", _) => "cancelled",
        ("code.report", _) => "reported",
        ("code.expire" | "verification.expire", _) => "expired",
        ("verification.revoke", _) => "revoked",
        _ => return None,
    };
    // Who reports is the one who acts, and nobody else is concerned.
    let whom = if trace.actor_kind == "contact" { &trace.actor } else { &trace.contact };
    let contact = viewed.client.contacts.iter().find(|c| c.id.as_str() == whom).map(|c| c.name.as_str());
    let agent = agent_name(viewed, reader, trace);
    Some(json!({"at": trace.at, "action": action, "contact_name": contact, "agent_name": agent}))
}

/// What is told of an agent: the name where one is known, and else the id.
fn agent_name<'a>(viewed: &'a ClientView, reader: Option<&'a Agent>, trace: &'a Trace) -> Option<&'a str> {
    let mut known = reader.into_iter().chain(&viewed.agents);
    let found = known.find(|agent| agent.id.as_str() == trace.actor);
    (trace.actor_kind == "agent").then(|| found.map_or(trace.actor.as_str(), |agent| &agent.name))
}
