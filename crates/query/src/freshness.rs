//! How new an answer must be.

use core::time::Duration;

use writ_domain::TenantId;
use writ_http::{Problem, Revision};
use writ_store::entries::{Claimed, Head, Reached, head};

use crate::QueryState;
use crate::as_of::{AsOf, Stand, Unresolved};
use crate::grants::Unanswered;
use crate::params::{Params, wrong};

/// How long reads wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the ledger to come to a revision.
    pub at_least: Duration,
    /// The most that a long poll may ask for.
    pub long_poll_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            at_least: Duration::from_secs(5),
            long_poll_max: Duration::from_secs(25),
        }
    }
}

const SOON: Duration = Duration::from_secs(1);

impl QueryState {
    /// The newest entry that the answer shows.
    pub(crate) async fn fresh(&self, tenant: &TenantId, params: &Params) -> Result<Head, Problem> {
        consistency(params)?;
        let Some(revision) = params.parsed::<Revision>("at_least")? else {
            let newest = head(&self.store, tenant).await.map_err(failed)?;
            return Ok(newest.unwrap_or_else(Head::none));
        };
        self.reached(tenant, "at_least", &revision).await
    }
}

/// What is asked for is the least: the store is read as it is now, whichever the word.
fn consistency(params: &Params) -> Result<(), Problem> {
    params.word("consistency", &[("latest", ()), ("any", ())])?;
    Ok(())
}

impl QueryState {
    /// The same as [`QueryState::stand`], where the views say in what state they were: the newest
    /// entry is not asked for first.
    pub(crate) async fn point(&self, tenant: &TenantId, params: &Params) -> Result<Stand, Problem> {
        if params.text("as_of").is_none() && params.text("at_least").is_none() {
            consistency(params)?;
            return Ok(Stand::unseen());
        }
        self.stand(tenant, params).await
    }

    /// The point of history that is asked for: by `as_of`, else the newest.
    ///
    /// A revision that the ledger has not come to is waited for, as `at_least` is.
    pub(crate) async fn stand(&self, tenant: &TenantId, params: &Params) -> Result<Stand, Problem> {
        let head = self.fresh(tenant, params).await?;
        match params.parsed("as_of")?.unwrap_or_default() {
            AsOf::Now => Ok(Stand {
                head,
                provisional: false,
                now: true,
            }),
            AsOf::Revision(revision) => {
                self.reached(tenant, "as_of", &revision).await?;
                let as_of = AsOf::Revision(revision);
                as_of.resolve(&self.store, tenant).await.map_err(unresolved)
            }
            instant @ AsOf::Instant(_) => instant
                .resolve(&self.store, tenant)
                .await
                .map_err(unresolved),
        }
    }

    /// Waits until the ledger has come to a revision, that `key` was given.
    async fn reached(
        &self,
        tenant: &TenantId,
        key: &str,
        revision: &Revision,
    ) -> Result<Head, Problem> {
        if revision.tenant != *tenant {
            return Err(wrong(key, "is a revision of another tenant"));
        }
        let claimed = Claimed {
            tenant_seq: revision.tenant_seq,
            chain8: revision.chain8,
        };
        let patience = self.patience.at_least;
        match self
            .heads
            .reach(&self.store, tenant, claimed, patience)
            .await
            .map_err(failed)?
        {
            Reached::Yes(head) => Ok(head),
            Reached::Forked => Err(Problem::history_forked()),
            Reached::Behind => Err(Problem::unavailable(SOON)
                .with_detail("the ledger has not come to that revision in time")),
        }
    }
}

fn unresolved(error: Unresolved) -> Problem {
    match error {
        Unresolved::OtherTenant => wrong("as_of", "is a revision of another tenant"),
        Unresolved::Ahead => Problem::unavailable(SOON).with_detail(error.to_string()),
        Unresolved::Forked => Problem::history_forked(),
        Unresolved::Store(error) => failed(error),
    }
}

/// The store could not be asked.
pub(crate) fn failed(error: writ_store::Error) -> Problem {
    if error.is_transient() {
        Problem::unavailable(SOON).with_internal(error)
    } else {
        Problem::internal(error)
    }
}

/// A question was not answered.
pub(crate) fn unanswered(error: Unanswered) -> Problem {
    if error.is_transient() {
        Problem::unavailable(SOON).with_internal(error)
    } else {
        Problem::internal(error)
    }
}

/// The revision of a head.
pub(crate) fn revision(tenant: &TenantId, head: &Head) -> Revision {
    Revision {
        tenant: tenant.clone(),
        tenant_seq: head.tenant_seq,
        chain8: head.chain8,
    }
}
