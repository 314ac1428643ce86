//! What the eligibility settings come to for one client: whom an agent could verify, or why nobody.

use serde_json::{Value, json};

use crate::domain::contact::Contact;
use crate::domain::i18n;
use crate::domain::id::ClientId;
use crate::domain::reason::reason;
use crate::domain::refusal::{Refusal, Unreachable};
use crate::domain::status::View;
use crate::usecase::client::try_client::{Tried, try_client};

use super::gate::{Room, Turned};

/// The answer for the client that the address names, where it names one.
pub async fn tried(room: &Room) -> Result<Value, Turned> {
    let Some(asked) = room.visit.knock.query("try") else { return Ok(Value::Null) };
    let desk = &room.visit.knock.site.desk;
    let view = View { tenant: &room.tenant, locale: room.visit.knock.locale, now: desk.time.now() };
    let found = match ClientId::parse(&asked) {
        Ok(id) => try_client(desk, &room.tenant, &id).await.map_err(|error| room.failing(error))?,
        Err(_) => Err(Refusal::ClientNotFound),
    };
    let say = |key: &str, values: &[(&str, &str)]| i18n::fill(view.locale, key, values);
    let no = |why: &str| say("admin.try.no", &[("reason", why)]);
    Ok(match found {
        Err(refusal) => json!({"id": asked, "yes": false, "told": no(&reason(view, &refusal, None))}),
        Ok(Tried { client, contacts }) => {
            let open = contacts.iter().filter(|(_, refusal)| refusal.is_none());
            let open: Vec<_> = open.map(|(contact, _)| named(view, contact)).collect();
            let shut: Vec<_> = contacts.iter().filter_map(|(one, no)| Some((one, no.as_ref()?))).collect();
            let others = shut.iter().map(|(contact, refusal)| {
                json!({"who": named(view, contact), "why": reason(view, refusal, Some(contact))})
            });
            let told = match first(&shut) {
                _ if !open.is_empty() => say("admin.try.yes", &[("names", &open.join(", "))]),
                Some((contact, refusal)) => no(&reason(view, refusal, Some(contact))),
                None => no(&reason(view, &Refusal::ContactUnreachable(Unreachable::NoContact), None)),
            };
            let others: Vec<Value> = others.collect();
            json!({"id": client.id, "name": client.name, "yes": !open.is_empty(), "told": told, "others": others})
        }
    })
}

/// The reason that counts for the client: that of somebody who may be sent codes, where there is such a one.
fn first<'a>(shut: &[(&'a Contact, &'a Refusal)]) -> Option<(&'a Contact, &'a Refusal)> {
    let authorized = shut.iter().find(|(_, refusal)| **refusal != Refusal::ContactNotAuthorized);
    authorized.or(shut.first()).copied()
}

fn named(view: View<'_>, contact: &Contact) -> String {
    let role = match contact.role.as_str() {
        "owner" => i18n::text(view.locale, "window.role_holder").to_owned(),
        "authorized_representative" => i18n::text(view.locale, "window.role_auth").to_owned(),
        own => own.replace('_', " "),
    };
    format!("{} ({})", contact.name, role.to_lowercase())
}
