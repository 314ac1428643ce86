//! What is wrong with what an admin typed, in the language of the page: every fault that a form can be told.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::admin::Role;
use regex::Regex;
use serde_json::json;

use crate::admin::Desk;
use crate::on_both;
use crate::service::{Reply, Service};

/// What no form can send: the document that it makes is read as a file's would be.
const OF_FILES: [&str; 7] = ["empty", "flag", "list", "none", "table", "text", "unknown"];

/// The section of the form, its field, what is typed, and what is told; then where the form is not of settings.
const TYPED: &[(&str, &str, &str, &str)] = &[
    ("company", "name", "", "falta; una empresa necesita un nombre"),
    ("company", "name", "Acme\u{7}", "tiene caracteres de control; debe ser una línea de texto simple"),
    ("company", "default_locale", "fr", "\"fr\" no se conoce; se permite en, es"),
    (
        "company",
        "time_zone",
        "Eastern Time",
        "\"Eastern Time\" no es una zona horaria IANA como America/New_York",
    ),
    (
        "company",
        "callback_url",
        "ftp://crm.example",
        "debe ser una dirección http o https de 2048 caracteres como máximo, sin usuario ni fragmento",
    ),
    (
        "company",
        "allowed_origins",
        "https://*.crm.example",
        "\"https://*.crm.example\" no es un origen; se permite exactamente esquema://host o esquema://host:puerto, sin comodín",
    ),
    ("company", "allowed_origins", "https://crm.example/", "¿quiso decir \"https://crm.example\"?"),
    ("company", "retention", "1h", "1h está fuera de los límites; se permite de 24h a 3650d"),
    ("brand", "brand.short_name", "Cornerstone PEO Inc", "tiene 19 caracteres; se permiten 18 como máximo"),
    (
        "brand",
        "brand.support_phone",
        "call us",
        "\"call us\" no es un número al que se pueda llamar, como 800-555-0199",
    ),
    ("brand", "brand.color", "blue", "\"blue\" no es un color como #0550ae"),
    (
        "brand",
        "brand.color",
        "#eeeeee",
        "#eeeeee tiene un contraste de 1.16:1 con el blanco; se permite 4.5:1 o más, un color más oscuro",
    ),
    (
        "brand",
        "brand.logo",
        "http://a.example/l.png",
        "\"http://a.example/l.png\" no es una dirección https, como https://crm.example/logo.png",
    ),
    (
        "brand",
        "brand.reply_to",
        "nobody",
        "\"nobody\" no es una dirección de correo como \"Cornerstone PEO <verify@cornerstone.example>\"",
    ),
    ("timing", "policy.client.tries", "many", "debe ser un número entero; se permite de 3 a 10"),
    (
        "timing",
        "policy.client.code_valid",
        "10 min",
        "\"10 min\" no es una duración como 30s, 10m, 1h o 90d; se permite de 30s a 24h",
    ),
    ("timing", "policy.pin.required_since", "01/02/2026", "\"01/02/2026\" no es una fecha como 2026-01-31"),
    (
        "eligibility",
        "policy.client.on_recent_change",
        "panic",
        "\"panic\" no se conoce; se permite warn, block, ignore",
    ),
    ("two_step", "policy.login.trust_days", "91", "91 está fuera de los límites; se permite de 0 a 90"),
    ("", "id", "Fifth!", "\"Fifth!\" no es un id de empresa: de 1 a 64 de a-z, 0-9, - y _"),
    ("", "id", "compeo", "ya hay una empresa compeo; elija otro id"),
    ("", "id", "countersign", "Id: es el nombre de la consola misma; use otro"),
    ("", "name", "", "Nombre: falta; una empresa necesita un nombre"),
];

/// What a page says is wrong.
fn told(page: &Reply) -> Vec<String> {
    let error = Regex::new(r#"<p class="(?:error|alert)"[^>]*>([^<]*)</p>"#).unwrap();
    let plain = |text: &str| {
        [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#x3D;", "="), ("&amp;", "&")]
            .iter()
            .fold(text.to_owned(), |text, (as_html, is)| text.replace(as_html, is))
    };
    error.captures_iter(&page.text).map(|found| plain(&found[1])).collect()
}

async fn types(
    service: &Service,
    desk: &Desk,
    lang: &str,
    (section, field, typed): (&str, &str, &str),
) -> Reply {
    if section.is_empty() {
        let other = if field == "id" { ("name", "Fifth") } else { ("id", "fifth") };
        return service.send_form(desk, &format!("/admin/new?lang={lang}"), &[(field, typed), other]).await;
    }
    let path = format!("/admin/t/cornerstone/settings/{section}");
    // What a field showed before, as the form that it stands in says it.
    let page = service.see(desk, &path).await;
    let shown = Regex::new(r#"name="was\.([^"]+)" value="([^"]*)""#).unwrap();
    let before: Vec<_> =
        shown.captures_iter(&page.text).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    let names: Vec<_> = before.iter().map(|(name, _)| format!("was.{name}")).collect();
    let mut fields: Vec<_> =
        names.iter().zip(&before).map(|(name, (_, value))| (name.as_str(), value.as_str())).collect();
    fields.extend(
        before.iter().filter(|(name, _)| name != field).map(|(name, value)| (name.as_str(), value.as_str())),
    );
    fields.push((field, typed));
    service.send_form(desk, &format!("{path}?lang={lang}"), &fields).await
}

on_both! {
    async fn every_fault_of_a_form_is_told_in_the_language_of_the_page(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let mut all = Vec::new();
        for &(section, field, typed, expected) in TYPED {
            let [english, spanish] = [types(&service, &desk, "en", (section, field, typed)).await, types(&service, &desk, "es", (section, field, typed)).await];
            assert_eq!((english.status, spanish.status), (422, 422), "{section} {field} {typed:?}: {}", spanish.text);
            let (english, spanish) = (told(&english), told(&spanish));
            assert!(spanish.iter().any(|text| text.contains(expected)), "{expected}: {spanish:?}");
            let left: Vec<_> = english.iter().filter(|text| spanish.contains(text)).collect();
            assert!(left.is_empty() && english.len() == spanish.len(), "left in English: {left:?} of {spanish:?}");
            all.extend(spanish);
        }
        let wrong = service.send_form(&desk, "/admin/t/cornerstone/preview?lang=es", &[("brand.color", "#eeeeee"), ("show", "email"), ("in", "en")]).await;
        assert!(told(&wrong).join(" ").contains("Color, como #0550ae: #eeeeee tiene un contraste de"), "{}", wrong.text);
        // What a file says elsewhere may forbid what a form asks for.
        service.apply("cornerstone", json!({"policy": {"pin": {"enabled": true}}, "surface": {"payroll_card": {"requires": ["pin"]}}})).await;
        let forbidden = types(&service, &desk, "es", ("timing", "policy.pin.enabled", "false")).await;
        assert_eq!(forbidden.status, 422);
        assert!(told(&forbidden).iter().any(|text| text.contains("Qué pide la tarjeta de nómina (nada: un código, o un PIN donde se usan): pide un PIN donde no lo hay")), "{}", forbidden.text);
        all.extend(told(&forbidden));
        // Nothing that there are words for is missing from the table.
        let table: BTreeMap<String, String> = serde_json::from_str(include_str!("../../../templates/i18n/fault.es.json")).unwrap();
        let never: BTreeSet<_> = table.into_iter().filter(|(_, text)| {
            let parts = Regex::new(r"\{\w+\}").unwrap();
            !all.iter().any(|told| parts.split(text).all(|part| told.contains(part)))
        }).map(|(key, _)| key.trim_start_matches("fault.").to_owned()).collect();
        assert_eq!(never, BTreeSet::from(OF_FILES.map(str::to_owned)));
    }
}
