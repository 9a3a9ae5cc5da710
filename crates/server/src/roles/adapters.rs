//! What the ledger's crates are given by this process: ids, randomness, rehearsals.

use async_trait::async_trait;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use chrono::{DateTime, Utc};
use writ_command::{CommandIds, Rehearse, Rehearsed};
use writ_dialect_auth0::IdSource;
use writ_domain::{CommandId, GenericUuid as _, Submission};
use writ_store::Error;
use writ_store::ledger::Rehearsal;

use crate::ids;

/// Ids from this process's clock and randomness.
#[derive(Debug)]
pub(super) struct Ids;

impl CommandIds for Ids {
    fn command_id(&self) -> CommandId {
        CommandId::from_untyped_uuid(ids::uuid_v7())
    }
}

impl IdSource for Ids {
    #[expect(
        clippy::expect_used,
        reason = "a system without randomness could not have started"
    )]
    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the system gives randomness");
        u128::from_be_bytes(bytes)
    }
}

/// Decides on a snapshot of the store.
#[derive(Debug)]
pub(super) struct StoreRehearsal(pub(super) Rehearsal);

#[async_trait]
impl Rehearse for StoreRehearsal {
    async fn rehearse(
        &self,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Rehearsed, Error> {
        let (head, settled) = self.0.rehearse(submission, now).await?;
        Ok(Rehearsed {
            head,
            outcome: settled.outcome,
            facts: settled.facts,
        })
    }
}
