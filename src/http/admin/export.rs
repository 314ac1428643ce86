//! `POST /admin/t/{tenant}/export/{list}?…`: what the filter of the address finds, as CSV. A form, since it is put on the record.

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::{StreamExt as _, stream};
use url::form_urlencoded;

use crate::domain::calendar;
use crate::usecase::admin::export::{Export, List, Rows, begin_export};

use super::gate::{Room, Turned};
use super::{logs, users};

/// Rows that are read, and held, at once.
const PAGE: u64 = 500;
/// By which spreadsheets know what encoding this is.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The query of a page that is its filter.
pub fn filter(room: &Room) -> String {
    let pairs = form_urlencoded::parse(room.visit.knock.request.query_string().as_bytes());
    let kept = pairs.filter(|(key, _)| !["page", "lang", "sort", "done", "reminded"].contains(&&**key));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}

/// Where the export of a list is asked for, with the filter that it is shown by.
pub fn address(room: &Room, list: &str) -> String {
    room.path(&format!("/export/{list}?{}", filter(room)))
}

fn asked(room: &Room) -> Option<List> {
    match room.visit.knock.request.match_info().query("list") {
        "audit" => Some(List::Audit(logs::audit_filter(room))),
        "messages" => Some(List::Messages(logs::messages_filter(room))),
        "events" => Some(List::Events(logs::events_filter(room))),
        "users" => Some(List::Users(users::asked(room).wanted)),
        _ => None,
    }
}

/// `POST …/export/{list}`
pub async fn export(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    room.visit.fields(payload).await?;
    let list = asked(&room).ok_or_else(|| room.visit.knock.turned(StatusCode::NOT_FOUND, "nothing"))?;
    let desk = &room.visit.knock.site.desk;
    let day = calendar::iso_day(desk.time.now(), room.tenant.time_zone);
    let name = format!("{}-{}-{day}.csv", room.tenant.id, list.name());
    let wanted = (logs::since(&room), PAGE);
    let begun = begin_export(desk, &room.tenant, list, wanted, &room.visit.acting()).await;
    let (first, export) = begun.map_err(|failure| room.failing(failure))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(written(first, export)))
}

/// The table, a page at a time, as fast as it is taken. One that cannot be read to its end breaks off.
fn written(
    first: Rows,
    export: Export,
) -> impl futures_util::Stream<Item = Result<Bytes, Box<dyn std::error::Error>>> {
    let head = vec![export.list().columns().iter().map(|&name| name.to_owned()).collect()];
    let begin = [Ok(Bytes::from_static(MARK)), lines(&head), lines(&first)];
    let rest = stream::try_unfold(export, |mut export| async move {
        let Some(rows) = export.next().await? else { return Ok(None) };
        Ok(Some((lines(&rows)?, export)))
    });
    stream::iter(begin).chain(rest)
}

fn lines(rows: &Rows) -> Result<Bytes, Box<dyn std::error::Error>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in rows {
        table.write_record(row)?;
    }
    Ok(Bytes::from(table.into_inner()?))
}
