//! The entries as CSV for spreadsheets, or as a JSON document a line for programs.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::domain::cell::harmless;
use crate::domain::chain::Stored;
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::audit::export::{Wanted, export as entries};

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Jsonl,
}

const COLUMNS: [&str; 13] = [
    "id",
    "tenant",
    "at",
    "actor_kind",
    "actor",
    "from",
    "action",
    "client",
    "contact",
    "object",
    "outcome",
    "detail",
    "sequence",
];

/// A line of JSON: the same columns in the same order.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    tenant: &'a str,
    at: String,
    actor_kind: &'a str,
    actor: &'a str,
    from: &'a str,
    action: &'a str,
    client: &'a str,
    contact: &'a str,
    object: &'a str,
    outcome: &'a str,
    detail: Value,
    sequence: Option<i64>,
}

/// Why printing ended early.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the entries cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Prints the entries as they are read; a reader that has seen enough ends it.
pub async fn export(desk: &Desk, format: Format, wanted: &Wanted) -> anyhow::Result<()> {
    let output = io::stdout();
    let printed = match format {
        Format::Csv => print_csv(desk, wanted, output).await,
        Format::Jsonl => print_lines(desk, wanted, BufWriter::new(output)).await,
    };
    match printed {
        Err(Ended::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

async fn print_csv(desk: &Desk, wanted: &Wanted, output: impl Write) -> Result<(), Ended> {
    let mut output = csv::Writer::from_writer(output);
    output.write_record(COLUMNS).map_err(io::Error::from)?;
    entries(desk, wanted, |place, entry| {
        Ok::<_, Ended>(output.write_record(row(place, entry)).map_err(io::Error::from)?)
    })
    .await?;
    Ok(output.flush()?)
}

async fn print_lines(desk: &Desk, wanted: &Wanted, mut output: impl Write) -> Result<(), Ended> {
    entries(desk, wanted, |place, entry| -> Result<(), Ended> {
        let line = serde_json::to_string(&line(place, entry)).map_err(io::Error::from)?;
        Ok(writeln!(output, "{line}")?)
    })
    .await?;
    Ok(output.flush()?)
}

fn row(place: Option<i64>, entry: &Stored) -> [String; 13] {
    let at = entry.at.to_string();
    let texts = [
        &entry.id,
        &entry.tenant,
        &at,
        &entry.actor_kind,
        &entry.actor,
        &entry.from,
        &entry.action,
        &entry.client,
        &entry.contact,
        &entry.object,
        &entry.outcome,
        &entry.detail,
        &place.map(|place| place.to_string()).unwrap_or_default(),
    ];
    texts.map(|text| harmless(text).into_owned())
}

fn line(sequence: Option<i64>, entry: &Stored) -> Line<'_> {
    Line {
        id: &entry.id,
        tenant: &entry.tenant,
        at: entry.at.to_string(),
        actor_kind: &entry.actor_kind,
        actor: &entry.actor,
        from: &entry.from,
        action: &entry.action,
        client: &entry.client,
        contact: &entry.contact,
        object: &entry.object,
        outcome: &entry.outcome,
        detail: serde_json::from_str(&entry.detail).unwrap_or_else(|_| Value::String(entry.detail.clone())),
        sequence,
    }
}
