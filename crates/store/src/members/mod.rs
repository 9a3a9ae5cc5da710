//! Which processes project, for sharing the partitions out among them.

use core::time::Duration;

use crate::{Error, Store};

const LIVES: &str = include_str!("lives.sql");
const LEAVES: &str = include_str!("leaves.sql");

impl Store {
    /// Says that `owner` lives for at least as long as `word`; gives how many do, it included.
    pub async fn member_lives(&self, owner: &str, word: Duration) -> Result<u32, Error> {
        let client = self.client().await?;
        let row = client
            .query_one(
                LIVES,
                &[
                    /* $1 owner   */ &owner,
                    /* $2 seconds */ &word.as_secs_f64(),
                ],
            )
            .await
            .map_err(Error::statement("store.members.lives"))?;
        let members: i64 = row.get("members");
        Ok(u32::try_from(members).unwrap_or(u32::MAX))
    }

    /// Says that `owner` ends.
    pub async fn member_leaves(&self, owner: &str) -> Result<(), Error> {
        let client = self.client().await?;
        client
            .execute(LEAVES, &[/* $1 owner */ &owner])
            .await
            .map_err(Error::statement("store.members.leaves"))?;
        Ok(())
    }
}
