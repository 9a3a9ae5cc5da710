//! Which processes project, for sharing the partitions out among them.

use core::time::Duration;

use tokio_postgres::types::ToSql;
use writ_crash::{Point, here, sent};

use crate::{Error, Store};

const LIVES: &str = include_str!("lives.sql");
const LEAVES: &str = include_str!("leaves.sql");

impl Store {
    /// Says that `owner` lives for at least as long as `word`; gives how many do, it included.
    pub async fn member_lives(&self, owner: &str, word: Duration) -> Result<u32, Error> {
        let client = self.client().await?;
        here(Point::MemberTell).await;
        let seconds = word.as_secs_f64();
        let parameters: [&(dyn ToSql + Sync); 2] =
            [/* $1 owner   */ &owner, /* $2 seconds */ &seconds];
        let telling = client.query_one(LIVES, &parameters);
        let row = sent(Point::MemberTellSent, telling)
            .await
            .map_err(Error::statement("store.members.lives"))?;
        here(Point::MemberTold).await;
        let members: i64 = row.get("members");
        Ok(u32::try_from(members).unwrap_or(u32::MAX))
    }

    /// Says that `owner` ends.
    pub async fn member_leaves(&self, owner: &str) -> Result<(), Error> {
        let client = self.client().await?;
        here(Point::MemberLeave).await;
        let parameters: [&(dyn ToSql + Sync); 1] = [/* $1 owner */ &owner];
        let leaving = client.execute(LEAVES, &parameters);
        sent(Point::MemberLeaveSent, leaving)
            .await
            .map_err(Error::statement("store.members.leaves"))?;
        here(Point::MemberLeft).await;
        Ok(())
    }
}
