//! Why somebody cannot be verified just now, in the words of the agent's own screens.

use super::calendar;
use super::contact::Contact;
use super::i18n;
use super::refusal::{Refusal, Unreachable};
use super::request;
use super::status::View;

/// The reason, to whoever asks in that language; `contact` is whom it is about, where it is about one.
pub fn reason(view: View<'_>, refusal: &Refusal, contact: Option<&Contact>) -> String {
    let at = |until| calendar::at_time(view.locale, until, view.tenant.time_zone);
    let time = |until| calendar::time(view.locale, until, view.tenant.time_zone);
    let fill = |key: &str, values: &[(&str, &str)]| i18n::fill(view.locale, key, values);
    match refusal {
        Refusal::TenantNotEligible => fill("embed.reason_tenant", &[]),
        Refusal::SurfaceDisabled(_) => fill("embed.reason_surface", &[]),
        Refusal::ClientNotFound => fill("embed.reason_client", &[]),
        Refusal::ContactNotAuthorized => {
            let role = contact.map_or("", |contact| contact.role.as_str());
            fill("admin.try.role", &[("role", role)])
        }
        Refusal::Reported { until } => fill("window.reported_until", &[("time", &time(*until))]),
        Refusal::ContactUnreachable(Unreachable::OptedOut) => fill("window.d_opted_out", &[]),
        Refusal::ContactUnreachable(Unreachable::NotServed) => fill("window.d_not_served", &[]),
        Refusal::ContactUnreachable(Unreachable::Changed { until }) => {
            let ways = contact.map(|one| request::reach(one, view.tenant, view.now)).unwrap_or_default();
            let changed = ways.iter().filter_map(|way| way.changed_at).max();
            let when = changed.map(|at| calendar::ago(view.locale, at, view.now)).unwrap_or_default();
            let day = calendar::date(view.locale, *until, view.tenant.time_zone);
            fill("window.e_changed", &[("when", &when), ("until", &format!("{day} {}", at(*until)))])
        }
        Refusal::ContactUnreachable(_) => fill("window.e_no_contact", &[]),
        Refusal::Locked { until } => fill("window.e_locked", &[("time", &time(*until))]),
        Refusal::TooManySends { until } => fill("window.e_sends", &[("time", &time(*until))]),
        Refusal::TooSoon { until, .. } => {
            let seconds = until.since(view.now).as_secs().max(1).to_string();
            fill("window.e_too_soon", &[("s", &seconds)])
        }
        // No other is a refusal of a code to a client's contact.
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::TenantId;
    use crate::domain::locale::Locale;
    use crate::domain::refusal::Sendable;
    use crate::domain::surface::Surface;
    use crate::domain::tenant::Tenant;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn every_reason_is_told_in_both_languages_without_a_gap() {
        let settings = json!({"name": "Acme", "time_zone": "America/New_York"});
        let tenant = Tenant::from_documents(TenantId::parse("acme").unwrap(), &settings, &json!({})).unwrap();
        let now = Timestamp::parse("2026-11-20T15:04:05Z").unwrap();
        let until = Timestamp::parse("2026-11-20T15:34:05Z").unwrap();
        let soon = Refusal::TooSoon {
            what: Sendable::Code,
            until: now + std::time::Duration::from_secs(12),
            challenge: None,
        };
        for (refusal, told) in [
            (Refusal::TenantNotEligible, "Your company does not use verification."),
            (Refusal::SurfaceDisabled(Surface::LeadCard), "Verification is switched off on this screen."),
            (Refusal::ClientNotFound, "This client is not known here."),
            (Refusal::ContactNotAuthorized, "Their role () may not be sent a code."),
            (
                Refusal::Reported { until },
                "No code can be sent to this client until 10:34 AM, unless your administrator lifts the block.",
            ),
            (
                Refusal::ContactUnreachable(Unreachable::NoContact),
                "No email or phone on file. Add one, then come back.",
            ),
            (
                Refusal::ContactUnreachable(Unreachable::OptedOut),
                "The client stopped our texts (STOP). Use email or a call",
            ),
            (
                Refusal::ContactUnreachable(Unreachable::Changed { until }),
                "This phone or email was changed . It cannot be used until Nov 20 at 10:34 AM.",
            ),
            (Refusal::Locked { until }, "Too many wrong codes. You can try again at 10:34 AM."),
            (
                Refusal::TooManySends { until },
                "Too many codes sent to this client. You can send again at 10:34 AM.",
            ),
            (soon, "You can send again in 12 s."),
        ] {
            let say = |locale| reason(View { tenant: &tenant, locale, now }, &refusal, None);
            assert_eq!(say(Locale::En), told, "{refusal:?}");
            let es = say(Locale::Es);
            assert!(es != told && !es.contains('{') && !es.contains("window."), "{es}");
        }
    }
}
