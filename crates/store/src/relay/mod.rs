//! How far each partition is told on the topic of changes.
//!
//! A hint: the topic itself is the truth. Any row that names a record of the topic is right, so
//! two relays may write it by turns.

use tokio_postgres::types::ToSql;
use writ_crash::{Point, sent};
use writ_domain::{Offset, Partition, Seq};
use writ_envelope::Hash;

use crate::ledger::rows::{get, number};
use crate::ledger::session::as_stored;
use crate::{Error, Store};

const GET: &str = include_str!("get.sql");
const PUT: &str = include_str!("put.sql");

/// An entry that stands on the topic of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayCursor {
    /// The last one that was relayed.
    pub seq: Seq,
    /// Where the topic has it.
    pub offset: Offset,
    /// Hash of that record as the topic returned it, offset and time included.
    pub anchor: Hash,
}

impl Store {
    /// How far a partition is relayed; `None` if nothing is known of it.
    pub async fn relay_cursor(&self, partition: Partition) -> Result<Option<RelayCursor>, Error> {
        let failed = Error::statement("store.relay.get");
        let client = self.client().await?;
        let statement = client.prepare_cached(GET).await.map_err(failed)?;
        let row = client
            .query_opt(&statement, &[/* $1 partition */ &i32::from(partition.0)])
            .await
            .map_err(failed)?;
        row.map(|row| {
            let anchor: &[u8] = get(&row, "anchor")?;
            let anchor = anchor.try_into().map_err(|_source| Error::Inconsistent {
                what: "relay_cursor",
                problem: format!("an anchor of {} bytes", anchor.len()),
            })?;
            Ok(RelayCursor {
                seq: Seq(number(&row, "seq")?),
                offset: Offset(number(&row, "log_offset")?),
                anchor: Hash(anchor),
            })
        })
        .transpose()
    }

    /// Keeps how far a partition is relayed.
    pub async fn keep_relay_cursor(
        &self,
        partition: Partition,
        cursor: &RelayCursor,
    ) -> Result<(), Error> {
        let failed = Error::statement("store.relay.put");
        let client = self.client().await?;
        let statement = client.prepare_cached(PUT).await.map_err(failed)?;
        let partition = i32::from(partition.0);
        let (seq, offset) = (as_stored(cursor.seq.0), as_stored(cursor.offset.0));
        let anchor = cursor.anchor.0.as_slice();
        let parameters: [&(dyn ToSql + Sync); 4] = [
            /* $1 partition  */ &partition, /* $2 seq        */ &seq,
            /* $3 log_offset */ &offset, /* $4 anchor     */ &anchor,
        ];
        let keeping = client.execute(&statement, &parameters);
        sent(Point::RelayKeepSent, keeping).await.map_err(failed)?;
        Ok(())
    }
}
