//! The number of partitions, fixed when the ledger begins.

use crate::{Error, Store};

const GENESIS: &str = include_str!("sql/cursor/genesis.sql");
const PARTITIONS: &str = include_str!("sql/cursor/partitions.sql");

impl Store {
    /// How many partitions the ledger began with; 0 if it has not begun.
    pub async fn partitions(&self) -> Result<u16, Error> {
        let client = self.client().await?;
        let row = client
            .query_one(PARTITIONS, &[])
            .await
            .map_err(Error::statement("store.ledger.cursor.partitions"))?;
        let partitions: i64 = row.get("partitions");
        u16::try_from(partitions).map_err(|_source| Error::Inconsistent {
            what: "ledger",
            problem: format!("it has {partitions} partitions"),
        })
    }

    /// Makes one cursor a partition where there is none yet, and refuses another count.
    pub async fn begin_ledger(&self, partitions: u16) -> Result<(), Error> {
        let failed = Error::statement("store.ledger.cursor.genesis");
        let client = self.client().await?;
        let row = client
            .query_one(GENESIS, &[&i32::from(partitions)])
            .await
            .map_err(failed)?;
        let stored: i64 = row.get("partitions");
        if stored == i64::from(partitions) {
            return Ok(());
        }
        let problem = format!("it began with {stored} partitions and the log has {partitions}");
        Err(Error::Inconsistent {
            what: "ledger",
            problem,
        })
    }
}
