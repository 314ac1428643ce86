//! What a tenant decides, as forms: which setting stands on which page, how it is shown, and the document that a form makes.
//!
//! Knows no bound and no default: a tenant is read from the document as from its file, and every fault is told there.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::calendar;
use crate::domain::client::Method;
use crate::domain::policy::{CodeRules, OnRecentChange};
use crate::domain::span;
use crate::domain::surface::Surface;
use crate::domain::tenant::Tenant;

/// How a setting is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, a length of time or a day, as the tenant file writes it.
    Line,
    Number,
    Flag,
    Choice(&'static [&'static str]),
    /// Words, with commas between.
    List,
    /// Some of these words.
    Several(&'static [&'static str]),
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its place in the tenant file, without `tenant.`.
    pub key: &'static str,
    pub kind: Kind,
}

/// A page of settings.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    pub name: &'static str,
    pub fields: &'static [Field],
}

macro_rules! fields {
    ($($key:literal $kind:expr,)*) => { &[$(Field { key: $key, kind: $kind }),*] };
}

use Kind::{Choice, Flag, Line, List, Number, Several};

/// What a screen may ask for.
const PROOFS: &[&str] = &["code", "pin"];

/// Every page, in order. Who emails come from is not among them: the relay signs for it, so the operator's file says it.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "eligibility",
        fields: fields! {
            "eligible" Flag,
            "surfaces" Several(&["lead_card", "enrollments", "payroll_card"]),
            "surface.lead_card.requires" Several(PROOFS),
            "surface.enrollments.requires" Several(PROOFS),
            "surface.payroll_card.requires" Several(PROOFS),
            "authorized_roles" List,
            "policy.client.changed_within" Line,
            "policy.client.on_recent_change" Choice(&["warn", "block", "ignore"]),
        },
    },
    Section {
        name: "brand",
        fields: fields! {
            "brand.short_name" Line,
            "brand.legal_name" Line,
            "brand.address" Line,
            "brand.support_phone" Line,
            "brand.color" Line,
            "brand.logo" Line,
            "brand.reply_to" Line,
        },
    },
    Section {
        name: "timing",
        fields: fields! {
            "policy.client.digits" Number,
            "policy.client.code_valid" Line,
            "policy.client.verified_for" Line,
            "policy.client.tries" Number,
            "policy.client.subject_tries" Number,
            "policy.client.subject_window" Line,
            "policy.client.subject_lock" Line,
            "policy.client.resend_after" Line,
            "policy.client.sends" Number,
            "policy.client.agent_name" Flag,
            "policy.client.receipt" Flag,
            "policy.pin.enabled" Flag,
            "policy.pin.link_valid" Line,
            "policy.pin.verified_for" Line,
            "policy.pin.tries" Number,
            "policy.pin.required_since" Line,
            "policy.pin.confirm_by_code" Flag,
            "policy.signer.access_code" Flag,
            "policy.signer.document_name" Flag,
            "policy.session.agent_sees_code" Flag,
        },
    },
    Section {
        name: "two_step",
        fields: fields! {
            "policy.login.required_from" Line,
            "policy.login.always_required_roles" List,
            "policy.login.trust_days" Number,
        },
    },
    Section {
        name: "company",
        fields: fields! {
            "name" Line,
            "default_locale" Choice(&["en", "es"]),
            "time_zone" Line,
            "callback_url" Line,
            "allowed_origins" List,
            "retention" Line,
        },
    },
];

impl Section {
    /// The page of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SECTIONS.iter().find(|section| section.name == name)
    }

    /// The fields that somebody filled in anew, each with what it is to be. `was` gives what a field showed before.
    pub fn changes(
        &self,
        was: impl Fn(&str) -> String,
        typed: impl Fn(&str) -> String,
    ) -> Vec<(&'static Field, String)> {
        let anew = self.fields.iter().map(|field| (field, normal(field.kind, &typed(field.key))));
        anew.filter(|(field, text)| *text != was(field.key)).collect()
    }
}

/// The fields that somebody else has changed to something else meanwhile.
pub fn overtaken<'a>(
    changes: &'a [(&'static Field, String)],
    now: &'a Tenant,
    was: impl Fn(&str) -> String + 'a,
) -> impl Iterator<Item = &'static str> + 'a {
    let other = move |(field, text): &&(&'static Field, String)| {
        let is = shown(now, field.key);
        is != was(field.key) && is != *text
    };
    changes.iter().filter(other).map(|(field, _)| field.key)
}

/// Changes as a document to be merged into what a tenant decides; what is emptied gets its default back.
pub fn document(changes: &[(&'static Field, String)]) -> Value {
    let mut document = Value::Object(Map::new());
    for (field, text) in changes {
        put(&mut document, field.key, value(field.kind, text));
    }
    document
}

fn put(document: &mut Value, key: &str, value: Value) {
    let place = key.split('.').fold(document, |place, name| {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        &mut place[name]
    });
    *place = value;
}

/// What was typed, as it is shown: a tick that is missing is off, and lists differ by their words only.
fn normal(kind: Kind, text: &str) -> String {
    match kind {
        Flag => (text == "true").to_string(),
        List | Several(_) => words(text).collect::<Vec<_>>().join(", "),
        Line | Number | Choice(_) => text.trim().to_owned(),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty())
}

/// What was typed, as the tenant file would have it.
fn value(kind: Kind, text: &str) -> Value {
    match kind {
        Flag => Value::Bool(text == "true"),
        Several(_) => words(text).collect(),
        _ if text.is_empty() => Value::Null,
        List => words(text).collect(),
        Number => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Line | Choice(_) => text.into(),
    }
}

/// Whether a setting may hold a secret: an address with one in its query.
pub fn is_private(key: &str) -> bool {
    key == "callback_url"
}

/// What of such an address anybody may see.
pub fn without_query(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// What a tenant has for a setting, its default where it decided nothing.
pub fn shown(tenant: &Tenant, key: &str) -> String {
    let words = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(", ");
    let (brand, policy) = (&tenant.brand, &tenant.policy);
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |at: Option<_>| at.map_or_else(String::new, |at| calendar::iso_day(at, tenant.time_zone));
    match key {
        "eligible" => tenant.eligible.to_string(),
        "surfaces" => words(&mut tenant.surfaces.iter().map(|surface| surface.as_str())),
        "authorized_roles" => words(&mut tenant.authorized_roles.iter().map(String::as_str)),
        "name" => tenant.name.clone(),
        "default_locale" => tenant.default_locale.to_string(),
        "time_zone" => time_tz::TimeZone::name(tenant.time_zone).to_owned(),
        "callback_url" => tenant.callback_url.as_ref().map(ToString::to_string).unwrap_or_default(),
        "allowed_origins" => words(&mut tenant.allowed_origins.iter().map(String::as_str)),
        "retention" => span::display(tenant.retention),
        "brand.short_name" => some(&brand.short_name),
        "brand.legal_name" => some(&brand.legal_name),
        "brand.address" => some(&brand.address),
        "brand.support_phone" => some(&brand.support_phone),
        "brand.color" => some(&brand.color),
        "brand.logo" => some(&brand.logo),
        "brand.reply_to" => some(&brand.reply_to),
        "policy.client.changed_within" => span::display(policy.client.changed_within),
        "policy.client.on_recent_change" => match policy.client.on_recent_change {
            OnRecentChange::Warn => "warn".to_owned(),
            OnRecentChange::Block => "block".to_owned(),
            OnRecentChange::Ignore => "ignore".to_owned(),
        },
        "policy.client.agent_name" => policy.client.agent_name.to_string(),
        "policy.client.receipt" => policy.client.receipt.to_string(),
        "policy.pin.enabled" => policy.pin.enabled.to_string(),
        "policy.pin.link_valid" => span::display(policy.pin.link_valid),
        "policy.pin.verified_for" => span::display(policy.pin.verified_for),
        "policy.pin.tries" => policy.pin.tries.to_string(),
        "policy.pin.required_since" => day(policy.pin.required_since),
        "policy.pin.confirm_by_code" => policy.pin.confirm_by_code.to_string(),
        "policy.signer.access_code" => policy.signer.access_code.to_string(),
        "policy.signer.document_name" => policy.signer.document_name.to_string(),
        "policy.session.agent_sees_code" => policy.session.agent_sees_code.to_string(),
        "policy.login.required_from" => day(policy.login.required_from),
        "policy.login.always_required_roles" => {
            words(&mut policy.login.always_required_roles.iter().map(String::as_str))
        }
        "policy.login.trust_days" => policy.login.trust_days.to_string(),
        key => match (key.strip_prefix("policy.client."), key.strip_prefix("surface.")) {
            (Some(rule), _) => code(&policy.client.code, rule),
            (_, Some(screen)) => {
                let methods = required(tenant, screen.strip_suffix(".requires").unwrap_or_default());
                words(&mut methods.iter().map(|method| method.as_str()))
            }
            _ => String::new(),
        },
    }
}

/// What a screen asks for; where it asks for nothing, either of the two will do.
fn required(tenant: &Tenant, screen: &str) -> BTreeSet<Method> {
    let screen = Surface::parse(screen).and_then(|surface| tenant.requires.get(&surface));
    screen.cloned().unwrap_or_default()
}

fn code(rules: &CodeRules, rule: &str) -> String {
    match rule {
        "digits" => rules.digits.to_string(),
        "code_valid" => span::display(rules.code_valid),
        "verified_for" => span::display(rules.verified_for),
        "tries" => rules.tries.to_string(),
        "subject_tries" => rules.subject_tries.to_string(),
        "subject_window" => span::display(rules.subject_window),
        "subject_lock" => span::display(rules.subject_lock),
        "resend_after" => span::display(rules.resend_after),
        "sends" => rules.sends.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::TenantId;
    use crate::domain::tenant::document::merge;

    fn tenant(settings: &Value) -> Tenant {
        Tenant::from_documents(TenantId::parse("acme").unwrap(), settings, &json!({})).unwrap()
    }

    fn full() -> Value {
        json!({
            "name": "Acme", "eligible": true, "surfaces": ["lead_card"], "default_locale": "es",
            "time_zone": "America/Chicago", "authorized_roles": ["boss", "clerk"], "retention": "30d",
            "callback_url": "https://crm.example/in", "allowed_origins": ["https://a.example", "https://b.example"],
            "surface": {
                "lead_card": {"requires": ["code"]}, "enrollments": {"requires": ["pin"]}, "payroll_card": {"requires": ["code", "pin"]},
            },
            "brand": {
                "short_name": "Acme", "legal_name": "Acme LLC", "address": "1 Main St", "support_phone": "800-555-0199",
                "color": "#116329", "logo": "https://acme.example/l.png",
                "reply_to": "b@acme.example",
            },
            "policy": {
                "client": {
                    "digits": 8, "code_valid": "5m", "verified_for": "2h", "tries": 4, "subject_tries": 11,
                    "subject_window": "2h", "subject_lock": "3h", "resend_after": "40s", "sends": 6,
                    "changed_within": "12h", "on_recent_change": "block", "agent_name": false, "receipt": true,
                },
                "pin": {"enabled": true, "link_valid": "2h", "verified_for": "30m", "tries": 6, "required_since": "2026-01-01", "confirm_by_code": true},
                "signer": {"access_code": true, "document_name": false},
                "session": {"agent_sees_code": true},
                "login": {"trust_days": 0, "required_from": "2026-07-01", "always_required_roles": ["payroll", "boss"]},
            },
        })
    }

    #[test]
    fn a_form_that_nobody_changed_changes_nothing() {
        for settings in [json!({"name": "Acme"}), full()] {
            let tenant = tenant(&settings);
            for section in SECTIONS {
                // As a browser sends it: a box without a tick is not there.
                let sent = |key: &str| shown(&tenant, key).replace("false", "").replace(", ", ",");
                assert_eq!(section.changes(|key| shown(&tenant, key), sent).len(), 0, "{}", section.name);
            }
        }
    }

    #[test]
    fn what_is_typed_is_what_holds_and_what_is_emptied_gets_its_default() {
        let (few, all) = (json!({"name": "Acme"}), full());
        let (before, wanted) = (tenant(&few), tenant(&all));
        let mut document = few.clone();
        for section in SECTIONS {
            let changes = section.changes(|key| shown(&before, key), |key| shown(&wanted, key));
            document = merge(&document, &super::document(&changes));
        }
        for field in SECTIONS.iter().flat_map(|section| section.fields) {
            let (is, was) = (shown(&tenant(&document), field.key), shown(&before, field.key));
            assert_eq!(is, shown(&wanted, field.key), "{}", field.key);
            assert!(is != was || field.key == "name", "{} is not changed by the test", field.key);
        }
        for section in SECTIONS {
            let now = tenant(&document);
            let emptied = |key: &str| if key == "name" { "Acme".to_owned() } else { String::new() };
            let emptied = super::document(&section.changes(|key| shown(&now, key), emptied));
            document = merge(&document, &emptied);
        }
        let back = tenant(&document);
        for field in SECTIONS.iter().flat_map(|section| section.fields) {
            // What is ticked off is off, whatever the default is.
            if !matches!(field.kind, Flag | Several(_)) {
                assert_eq!(shown(&back, field.key), shown(&before, field.key), "{}", field.key);
            }
        }
    }

    #[test]
    fn what_somebody_else_changed_meanwhile_is_found_where_it_matters() {
        let acme =
            |valid: &str| tenant(&json!({"name": "Acme", "policy": {"client": {"code_valid": valid}}}));
        let (was, timing) = (acme("10m"), Section::named("timing").unwrap());
        let key = "policy.client.code_valid";
        for (mine, theirs, overtakes) in
            [("5m", "10m", false), ("5m", "6m", true), ("5m", "5m", false), ("10m", "6m", false)]
        {
            let typed = |name: &str| if name == key { mine.to_owned() } else { shown(&was, name) };
            let changes = timing.changes(|name| shown(&was, name), typed);
            let now = acme(theirs);
            let found: Vec<_> = overtaken(&changes, &now, |name| shown(&was, name)).collect();
            assert_eq!(found, if overtakes { vec![key] } else { vec![] }, "{mine} {theirs}");
        }
    }

    #[test]
    fn what_cannot_be_is_left_to_be_told() {
        let timing = Section::named("timing").unwrap();
        let acme = tenant(&json!({"name": "Acme"}));
        let typed = |key: &str| match key {
            "policy.client.tries" => "many".to_owned(),
            "policy.client.code_valid" => "25h".to_owned(),
            key => shown(&acme, key),
        };
        let document = super::document(&timing.changes(|key| shown(&acme, key), typed));
        assert_eq!(document, json!({"policy": {"client": {"tries": "many", "code_valid": "25h"}}}));
        let merged = merge(&json!({"name": "Acme"}), &document);
        let faults = Tenant::from_documents(acme.id, &merged, &json!({})).unwrap_err();
        let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, ["policy.client.code_valid", "policy.client.tries"]);
    }

    #[test]
    fn whatever_is_typed_its_faults_are_said_in_both_languages() {
        let long = "a".repeat(2049);
        let typed = [
            "x",
            "-1",
            "0",
            "999",
            "many",
            "25h",
            "99999d",
            "10 min",
            "2026-13-01",
            "home",
            "fr",
            "#blue",
            "#eeeeee",
            "nobody",
            "a\u{7}b",
            "https://u:p@a.example",
            "https://*.a.example",
            "https://a.example/",
            "http://a.example/l.png",
            "[]",
            &long,
        ];
        let mut found = 0;
        for field in SECTIONS.iter().flat_map(|section| section.fields) {
            for text in typed {
                let settings =
                    merge(&json!({"name": "Acme"}), &super::document(&[(field, normal(field.kind, text))]));
                let read = Tenant::from_documents(TenantId::console(), &settings, &json!({}));
                let faults = match read.map(|tenant| tenant.brand.check_logo()) {
                    Ok(logo) => logo.err().into_iter().collect(),
                    Err(faults) => faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>(),
                };
                for wrong in faults {
                    found += 1;
                    assert!(wrong.is_spoken(), "{} {text:?}: {wrong}", field.key);
                }
            }
        }
        assert!(found > 300, "{found}");
    }

    #[test]
    fn of_an_address_the_query_is_private() {
        for (address, shown) in [
            ("https://crm.example/in?token=x", "https://crm.example/in"),
            ("https://crm.example/in?a?b", "https://crm.example/in"),
            ("https://crm.example/in", "https://crm.example/in"),
            ("", ""),
        ] {
            assert_eq!(without_query(address), shown, "{address}");
        }
        let private =
            SECTIONS.iter().flat_map(|section| section.fields).filter(|field| is_private(field.key));
        assert_eq!(private.count(), 1);
    }
}
