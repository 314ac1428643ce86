//! A tenant from the document that describes it, and how a later document changes an earlier one.
//!
//! Owns every key of a tenant, its default and what is allowed. Knows no file and no table: documents are JSON
//! values, credentials are kept elsewhere.

mod brand;
mod policy;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};
use time_tz::{Tz, timezones};

use super::Tenant;
use crate::domain::client::Method;
use crate::domain::id::TenantId;
use crate::domain::locale::Locale;
use crate::domain::money::Micros;
use crate::domain::policy::bounds;
use crate::domain::provider::Providers;
use crate::domain::provider::document::Scope;
use crate::domain::surface::Surface;
pub use crate::domain::table::Fault;
use crate::domain::table::{Key, Table, check, named};
use crate::domain::telephone::{Country, Telephone, distinct};
use crate::domain::wording::Wordings;
use crate::domain::wrong::Wrong;

/// The keys of a tenant's settings, beside its id, its credentials and its providers.
pub const SETTINGS: &[Key] = &named([
    "name",
    "eligible",
    "surfaces",
    "default_locale",
    "time_zone",
    "authorized_roles",
    "callback_url",
    "allowed_origins",
    "retention",
    "brand",
    "policy",
    "surface",
    "telephone",
]);

const SURFACES: &[Key] = &named(["lead_card", "enrollments", "payroll_card"]);
const SURFACE: &[Key] = &named(["requires"]);
const TELEPHONE: &[Key] = &named(["countries", "daily_budget", "text_price", "call_price"]);
const NINETY_DAYS: Duration = Duration::from_hours(90 * 24);

/// What a document is after another one came in: keys left out keep what is stored, tables merge, anything else
/// is replaced, and `null` removes a key.
pub fn merge(stored: &Value, incoming: &Value) -> Value {
    let Value::Object(incoming) = incoming else { return incoming.clone() };
    let mut merged = stored.as_object().cloned().unwrap_or_default();
    for (key, value) in incoming {
        if value.is_null() {
            merged.remove(key);
        } else {
            let before = merged.remove(key).unwrap_or_else(|| Value::Object(Map::new()));
            merged.insert(key.clone(), merge(&before, value));
        }
    }
    Value::Object(merged)
}

impl Tenant {
    /// A tenant from its settings and its providers; what they leave out has the default.
    ///
    /// # Errors
    /// Every fault of both documents.
    pub fn from_documents(id: TenantId, settings: &Value, providers: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let providers = Providers::from_document(providers, Scope::Tenant, &mut faults);
        let tenant = read(id, &mut Table::open(Some(settings), "", SETTINGS, &mut faults), providers);
        match tenant {
            Some(tenant) if faults.is_empty() => Ok(tenant),
            _ => Err(faults),
        }
    }
}

fn read(id: TenantId, table: &mut Table<'_, '_>, providers: Providers) -> Option<Tenant> {
    table.require("name", Wrong::of("fault.name", []));
    let name = table.line("name", 200);
    let time_zone = table.read("time_zone", zone).unwrap_or(timezones::db::america::NEW_YORK);
    let tenant = Tenant {
        id,
        name: name.clone().unwrap_or_default(),
        eligible: table.flag("eligible", false),
        surfaces: table.list("surfaces", surface).map_or_else(|| Surface::ALL.into(), BTreeSet::from_iter),
        default_locale: table
            .word("default_locale", &Locale::ALL.map(|l| (l.as_str(), l)))
            .unwrap_or_default(),
        time_zone,
        authorized_roles: authorized_roles(table),
        callback_url: table.read("callback_url", check::web_address),
        allowed_origins: table.list("allowed_origins", check::origin).unwrap_or_default(),
        retention: table.span("retention", NINETY_DAYS, bounds::RETENTION),
        brand: brand::read(&mut table.table("brand", brand::BRAND)),
        policy: policy::read(&mut table.table("policy", policy::WORKFLOWS), time_zone),
        requires: requires(&mut table.table("surface", SURFACES)),
        telephone: telephone(&mut table.table("telephone", TELEPHONE)),
        providers,
        wordings: Wordings::default(),
    };
    name.map(|_| tenant)
}

fn authorized_roles(table: &mut Table<'_, '_>) -> BTreeSet<String> {
    table.refuse_empty("authorized_roles");
    let roles = table.list("authorized_roles", |role| check::line(role, 200));
    let default = || BTreeSet::from(["owner", "authorized_representative"].map(str::to_owned));
    roles.map_or_else(default, BTreeSet::from_iter)
}

fn requires(table: &mut Table<'_, '_>) -> BTreeMap<Surface, BTreeSet<Method>> {
    let proofs = [("code", Method::Code), ("pin", Method::Pin)];
    let mut requires = BTreeMap::new();
    for surface in Surface::ALL {
        let mut table = table.table(surface.as_str(), SURFACE);
        let list = table.list("requires", |proof| check::word(proof, &proofs)).unwrap_or_default();
        if !list.is_empty() {
            requires.insert(surface, BTreeSet::from_iter(list));
        }
    }
    requires
}

fn telephone(table: &mut Table<'_, '_>) -> Telephone {
    let default = Telephone::default();
    let country = |code: &str| {
        Country::parse(code)
            .ok_or_else(|| format!("{code:?} is no country; write it as US or MX (ISO 3166-1)"))
    };
    Telephone {
        countries: table.list("countries", country).map_or(default.countries, distinct),
        daily_budget: table.read("daily_budget", Micros::parse),
        text_price: table.read("text_price", Micros::parse).unwrap_or(default.text_price),
        call_price: table.read("call_price", Micros::parse).unwrap_or(default.call_price),
    }
}

fn surface(name: &str) -> Result<Surface, Wrong> {
    check::word(name, &Surface::ALL.map(|s| (s.as_str(), s)))
}

// The zones' own list answers to the names of Windows too, which no browser and no database knows.
fn zone(name: &str) -> Result<&'static Tz, Wrong> {
    let foreign = name.contains(' ') || name.starts_with("UTC+") || name.starts_with("UTC-");
    let known = timezones::get_by_name(name).filter(|_| !foreign);
    known.ok_or_else(|| Wrong::of("fault.zone", [("text", check::quoted(name))]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::policy::Policies;

    fn tenant(settings: &Value) -> Result<Tenant, Vec<String>> {
        let id = TenantId::parse("acme").unwrap();
        Tenant::from_documents(id, settings, &json!({}))
            .map_err(|faults| faults.into_iter().map(|f| format!("{}: {}", f.key, f.message)).collect())
    }

    fn named(mut settings: Value) -> Value {
        settings["name"] = json!("Acme");
        settings
    }

    #[test]
    fn what_is_left_out_has_the_default() {
        let acme = tenant(&json!({"name": "Acme"})).unwrap();
        assert!(!acme.eligible);
        assert_eq!(acme.surfaces, BTreeSet::from(Surface::ALL));
        assert_eq!((acme.default_locale, acme.time_zone), (Locale::En, timezones::db::america::NEW_YORK));
        assert!(acme.authorizes("owner") && acme.authorizes("authorized_representative"));
        assert_eq!(acme.authorized_roles.len(), 2);
        assert_eq!((acme.callback_url, acme.allowed_origins), (None, Vec::new()));
        assert_eq!(acme.retention, NINETY_DAYS);
        assert_eq!(acme.policy, Policies::default());
        assert!(acme.requires.is_empty());
        assert!(acme.providers.email.is_none() && acme.providers.sms.is_empty());
        assert_eq!(acme.brand.short_name, None);
    }

    #[test]
    fn every_key_is_read() {
        let acme = tenant(&json!({
            "name": "Acme", "eligible": true, "surfaces": ["lead_card"], "default_locale": "es",
            "time_zone": "America/Chicago", "authorized_roles": ["boss"], "retention": "30d",
            "callback_url": "https://crm.example/in", "allowed_origins": ["https://crm.example"],
            "brand": {"short_name": "Acme", "from": "Acme <a@acme.example>", "color": "#116329"},
            "policy": {
                "client": {"digits": 8, "code_valid": "5m", "on_recent_change": "block", "receipt": true},
                "pin": {"enabled": true, "required_since": "2026-01-01"},
                "signer": {"access_code": true},
                "session": {"agent_sees_code": true, "tries": 3},
                "login": {"trust_days": 0, "required_from": "2026-07-01", "always_required_roles": ["payroll"]}
            },
            "surface": {"payroll_card": {"requires": ["code", "pin"]}, "lead_card": {"requires": []}}
        }))
        .unwrap();
        assert!(acme.eligible && acme.authorizes("boss") && !acme.authorizes("owner"));
        assert_eq!(acme.surfaces, BTreeSet::from([Surface::LeadCard]));
        assert_eq!(acme.time_zone, timezones::db::america::CHICAGO);
        assert_eq!(acme.retention, Duration::from_hours(30 * 24));
        assert_eq!(acme.callback_url.map(String::from).as_deref(), Some("https://crm.example/in"));
        let policy = acme.policy;
        assert_eq!((policy.client.code.digits, policy.client.code.code_valid.as_secs()), (8, 300));
        assert!(policy.client.receipt && policy.pin.enabled && policy.signer.access_code);
        assert_eq!(policy.pin.required_since.unwrap().to_string(), "2026-01-01T06:00:00Z");
        assert_eq!((policy.session.code.tries, policy.login.trust_days), (3, 0));
        assert_eq!(policy.login.required_from.unwrap().to_string(), "2026-07-01T05:00:00Z");
        let both = BTreeSet::from([Method::Code, Method::Pin]);
        assert_eq!(acme.requires, BTreeMap::from([(Surface::PayrollCard, both)]));
    }

    #[test]
    fn a_fault_names_the_key_and_what_is_allowed() {
        for (settings, expected) in [
            (json!({}), "name: missing; a tenant needs a name"),
            (json!({"name": ""}), "name: is empty; leave it out instead"),
            (json!({"name": 7}), "name: must be text, in quotes"),
            (named(json!({"eligible": "yes"})), "eligible: must be true or false"),
            (
                named(json!({"surfaces": ["lead_card", "home"]})),
                "surfaces[1]: \"home\" is not known; allowed is lead_card, enrollments, payroll_card",
            ),
            (named(json!({"surfaces": "lead_card"})), "surfaces: must be a list"),
            (
                named(json!({"default_locale": "fr"})),
                "default_locale: \"fr\" is not known; allowed is en, es",
            ),
            (
                named(json!({"time_zone": "Eastern Standard Time"})),
                "time_zone: \"Eastern Standard Time\" is not an IANA time zone such as America/New_York",
            ),
            (named(json!({"authorized_roles": []})), "authorized_roles: must have at least one item"),
            (
                named(json!({"callback_url": "https://u:p@crm.example"})),
                "callback_url: must be an http or https address of at most 2048 characters, without user name or fragment",
            ),
            (
                named(json!({"allowed_origins": ["https://*.crm.example"]})),
                "allowed_origins[0]: \"https://*.crm.example\" is not an origin; allowed is exactly scheme://host or scheme://host:port, no wildcard",
            ),
            (named(json!({"retention": "1h"})), "retention: 1h is out of bounds; allowed is 24h to 3650d"),
            (
                named(json!({"brand": {"short_name": "Cornerstone PEO Inc"}})),
                "brand.short_name: has 19 characters; allowed is 18 at most",
            ),
            (
                named(json!({"brand": {"reply_to": "nobody"}})),
                "brand.reply_to: \"nobody\" is not a mailbox such as \"Cornerstone PEO <verify@cornerstone.example>\"",
            ),
            (
                named(json!({"policy": {"client": {"code_valid": "25h"}}})),
                "policy.client.code_valid: 25h is out of bounds; allowed is 30s to 24h",
            ),
            (
                named(json!({"policy": {"client": {"code_valid": "10 min"}}})),
                "policy.client.code_valid: \"10 min\" is not a duration such as 30s, 10m, 1h or 90d; allowed is 30s to 24h",
            ),
            (
                named(json!({"policy": {"pin": {"link_valid": "4m"}}})),
                "policy.pin.link_valid: 4m is out of bounds; allowed is 5m to 72h",
            ),
            (
                named(json!({"policy": {"pin": {"tries": 11}}})),
                "policy.pin.tries: 11 is out of bounds; allowed is 3 to 10",
            ),
            (
                named(json!({"policy": {"login": {"trust_days": "30"}}})),
                "policy.login.trust_days: must be a whole number; allowed is 0 to 90",
            ),
            (
                named(json!({"policy": {"client": {"on_recent_change": "panic"}}})),
                "policy.client.on_recent_change: \"panic\" is not known; allowed is warn, block, ignore",
            ),
            (
                named(json!({"policy": {"signer": {"verified_for": "1h"}}})),
                "policy.signer.verified_for: unknown key; known keys are digits, code_valid, tries, subject_tries, subject_window, subject_lock, resend_after, sends, access_code, document_name",
            ),
            (named(json!({"policy": 3})), "policy: must be a table"),
            (
                named(json!({"surface": {"home": {}}})),
                "surface.home: unknown key; known keys are lead_card, enrollments, payroll_card",
            ),
            (
                named(json!({"surface": {"lead_card": {"requires": ["face"]}}})),
                "surface.lead_card.requires[0]: \"face\" is not known; allowed is code, pin",
            ),
            (
                named(json!({"telephone": {"countries": ["US", "USA"]}})),
                "telephone.countries[1]: \"USA\" is no country; write it as US or MX (ISO 3166-1)",
            ),
            (
                named(json!({"telephone": {"daily_budget": "a lot"}})),
                "telephone.daily_budget: must be an amount such as 12.50, at most 1000000, with at most six decimals",
            ),
        ] {
            assert_eq!(tenant(&settings).unwrap_err(), [expected], "{settings}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = tenant(&json!({"eligble": true, "retention": "x", "policy": {"pin": {"sends": 0}}}));
        let keys =
            faults.unwrap_err().iter().map(|f| f.split(':').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(keys, ["eligble", "name", "retention", "policy.pin.sends"]);
    }

    #[test]
    fn a_later_document_changes_only_what_it_names() {
        let stored =
            json!({"name": "A", "brand": {"color": "#000000", "logo": "l"}, "surfaces": ["lead_card"]});
        let incoming = json!({"brand": {"color": "#111111", "logo": null}, "surfaces": [], "policy": {"pin": {"tries": null}}});
        let expected =
            json!({"name": "A", "brand": {"color": "#111111"}, "surfaces": [], "policy": {"pin": {}}});
        assert_eq!(merge(&stored, &incoming), expected);
        assert_eq!(merge(&expected, &incoming), expected);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn merging_a_document_with_itself_changes_nothing(x in value()) {
            prop_assert_eq!(merge(&x, &x), x);
        }

        #[test]
        fn the_same_document_twice_is_the_document_once(stored in value(), incoming in value()) {
            let once = merge(&stored, &incoming);
            prop_assert_eq!(merge(&once, &incoming), once);
        }
    }
}
