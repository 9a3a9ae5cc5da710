//! As of when something is asked: now, a revision, or an instant.

use core::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use writ_domain::{TenantId, TenantSeq};
use writ_http::Revision;
use writ_store::Store;
use writ_store::entries::{self, Head, at_instant, chain8, head};

use crate::freshness::revision;

/// As of when something is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AsOf {
    /// As everything committed so far has left it.
    #[default]
    Now,
    /// As of an entry, the last one that counts.
    Revision(Revision),
    /// As of an instant of log time: the entries at or before it count.
    Instant(DateTime<Utc>),
}

/// The text is neither a revision nor an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is neither a Writ-Revision nor an instant such as 2026-01-31T08:00:00Z \
     (a `+` in a query is written %2B)"
)]
pub struct ParseAsOfError;

impl FromStr for AsOf {
    type Err = ParseAsOfError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(revision) = text.parse() {
            return Ok(Self::Revision(revision));
        }
        DateTime::parse_from_rfc3339(text)
            .map(|instant| Self::Instant(instant.with_timezone(&Utc)))
            .map_err(|_source| ParseAsOfError)
    }
}

/// Why there is no such point of history.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// The revision is another tenant's.
    #[error("the revision is of another tenant")]
    OtherTenant,
    /// The ledger has not come to the revision.
    #[error("the ledger has not come to the revision")]
    Ahead,
    /// The ledger has another entry there: its history is not the one that was seen.
    #[error("the revision is of another history than the ledger's")]
    Forked,
    /// The store could not be asked.
    #[error("the store could not be asked")]
    Store(#[from] writ_store::Error),
}

/// A point of history that answers are given of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// The last entry that counts.
    pub head: Head,
    /// Whether entries that are not yet decided may come to count.
    pub provisional: bool,
    /// Whether the current views are asked; what they say may be newer than `head`.
    pub(crate) now: bool,
}

impl Stand {
    /// The newest, which is not known until the views have said it ([`Stand::seen`]).
    pub(crate) fn unseen() -> Self {
        Self {
            head: Head::none(),
            provisional: false,
            now: true,
        }
    }

    /// The entry to ask history by; `None` to ask the current views.
    pub(crate) fn at(&self) -> Option<TenantSeq> {
        (!self.now).then_some(self.head.tenant_seq)
    }

    /// The same where the views said in what state they were.
    pub(crate) fn seen(self, head: Option<Head>) -> Self {
        Self {
            head: head.unwrap_or(self.head),
            ..self
        }
    }

    /// What answers say of it.
    pub(crate) fn body(&self, tenant: &TenantId) -> StandBody {
        StandBody {
            revision: revision(tenant, &self.head).to_string(),
            tenant_seq: self.head.tenant_seq.0,
            time: (self.head.tenant_seq > TenantSeq::ZERO).then(|| time(self.head.time)),
            provisional: self.provisional,
        }
    }
}

/// What an answer says of the point of history that it shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Stand)]
pub(crate) struct StandBody {
    revision: String,
    tenant_seq: u64,
    /// Absent before the first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// Whether entries that are not yet decided may come to count.
    provisional: bool,
}

/// A time as bodies tell it.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl AsOf {
    /// Finds the point of history. A revision MUST have been decided by now.
    pub async fn resolve(&self, store: &Store, tenant: &TenantId) -> Result<Stand, Unresolved> {
        match self {
            Self::Now => {
                let head = head(store, tenant).await?.unwrap_or_else(Head::none);
                Ok(Stand {
                    head,
                    provisional: false,
                    now: true,
                })
            }
            Self::Revision(revision) => resolve(store, tenant, revision).await,
            Self::Instant(instant) => {
                let moment = at_instant(store, tenant, *instant).await?;
                Ok(Stand {
                    head: moment.head,
                    provisional: moment.provisional,
                    now: false,
                })
            }
        }
    }
}

async fn resolve(
    store: &Store,
    tenant: &TenantId,
    revision: &Revision,
) -> Result<Stand, Unresolved> {
    if revision.tenant != *tenant {
        return Err(Unresolved::OtherTenant);
    }
    let stand = |head| Stand {
        head,
        provisional: false,
        now: false,
    };
    if revision.tenant_seq == TenantSeq::ZERO {
        let none = Head::none();
        return if revision.chain8 == none.chain8 {
            Ok(stand(none))
        } else {
            Err(Unresolved::Forked)
        };
    }
    let Some(stored) = chain8(store, tenant, revision.tenant_seq).await? else {
        return Err(Unresolved::Ahead);
    };
    if stored != revision.chain8 {
        return Err(Unresolved::Forked);
    }
    let entry = entries::at(store, tenant, revision.tenant_seq).await?;
    Ok(stand(Head {
        tenant_seq: revision.tenant_seq,
        chain8: stored,
        time: entry.map_or(DateTime::UNIX_EPOCH, |entry| entry.time),
    }))
}
