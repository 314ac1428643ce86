//! The same cycles and polls with ten thousand and with a million clients in the table: what grows with it.

use anyhow::Context as _;

use crate::Scale;
use crate::cycle;
use crate::place::{Kind, Place};
use crate::poll;
use crate::seed::{self, Table};
use crate::wire::Receiver;

const TABLES: [Table; 2] = [
    Table { cycled: 6000, polled: 4000, others: 0 },
    Table { cycled: seed::USUAL.cycled, polled: seed::USUAL.polled, others: 900_000 },
];
/// Clients at once, and cycles a round: what the small table has clients for.
const CYCLES: (usize, usize) = (8, 900);
const ROUNDS: usize = 3;

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, receiver: &Receiver) -> anyhow::Result<()> {
    for kind in Kind::ALL {
        for table in &TABLES {
            let note = format!(", of {}", table.clients());
            let template = place.empty(kind).await?;
            seed::fill(&template, &receiver.address, table).await?;
            let measured = async {
                cycle::measure_one(place, ROUNDS, &[CYCLES], kind, &template, &note).await?;
                poll::measure_one(place, scale, kind, &template, table, &note).await
            };
            measured.await.with_context(|| format!("{}{note}", kind.name()))?;
        }
    }
    Ok(())
}
