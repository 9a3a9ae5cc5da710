//! Deciding a command without submitting it (`dry_run`).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use writ_domain::{Fact, Outcome, Submission};
use writ_store::Error;
use writ_store::entries::Head;
use writ_store::ledger::Rehearsal;

/// Decides submissions as if each were the next entry of its tenant.
#[async_trait]
pub trait Rehearse: Send + Sync + core::fmt::Debug {
    /// What would become of a submission that came into the log at `now`.
    ///
    /// MUST read one snapshot, the one in which the tenant's newest entry is the head returned,
    /// and MUST NOT write.
    async fn rehearse(
        &self,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Rehearsed, Error>;
}

/// What would become of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The newest entry of the tenant when it was decided.
    pub head: Head,
    /// How it would end.
    pub outcome: Outcome,
    /// What would happen.
    pub facts: Vec<Fact>,
}

#[async_trait]
impl Rehearse for Rehearsal {
    async fn rehearse(
        &self,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Rehearsed, Error> {
        let (head, settled) = Self::rehearse(self, submission, now).await?;
        Ok(Rehearsed {
            head,
            outcome: settled.outcome,
            facts: settled.facts,
        })
    }
}
