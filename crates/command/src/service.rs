//! Submitting a command and awaiting its outcome.

use core::time::Duration;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound as _, Utc};
use metrics::{counter, gauge, histogram};
use tokio::time::Instant;
use writ_crash::{Point, here};
use writ_domain::{
    BucketMap, Clock, Command, CommandId, Denial, Expected, Idempotency, NounRef, Stamp,
    Submission, TenantId,
};
use writ_http::{Caller, Provenance};
use writ_log::{Log, Record};
use writ_store::Store;
use writ_store::entries::{self, Entry, Heads};

use crate::append::Passage;
use crate::denials::{Denials, Refusal, Verdict};
use crate::halts::Halts;
use crate::log_time::LogTime;
use crate::metrics::{DENIALS_COUNTED, IN_FLIGHT, SUBMIT_SECONDS};
use crate::rehearsal::{Rehearse, Rehearsed};
use crate::submission::{self, Decided, Machine, Resolved};
use crate::{Options, SubmitError, Waiters};

/// Mints the ids of commands: UUIDs of version 7. Only the server has a real source.
pub trait CommandIds: Send + Sync + core::fmt::Debug {
    /// An id that was never given out.
    fn command_id(&self) -> CommandId;
}

/// What a service works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where commands are appended.
    pub log: Arc<dyn Log>,
    /// Which partition holds a tenant.
    pub buckets: BucketMap,
    /// Where outcomes are read.
    pub store: Store,
    /// Who waits for tenants to move on; shared with the readers of this process.
    pub heads: Heads,
    /// Our time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn CommandIds>,
    /// What decides a command without submitting it.
    pub rehearsal: Arc<dyn Rehearse>,
}

/// A command, by whom it is asked, and how it was sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// What the request says of itself.
    pub provenance: Provenance,
    /// What tells the request from another under the same idempotency key.
    pub fingerprint: [u8; 32],
    /// What is asked.
    pub command: Command,
    /// What the caller believes of the noun.
    pub expected: Option<Expected>,
}

/// A refusal that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It has an entry of its own.
    Recorded(Box<Decided>),
    /// It was counted, and will share an entry with others.
    Counted,
}

/// Submits commands. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub struct Service {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) options: Options,
    pub(crate) waiters: Waiters,
    pub(crate) time: LogTime,
    pub(crate) denials: Denials,
    pub(crate) halts: Halts,
}

impl Service {
    /// A service over these parts. It learns of outcomes by [`Service::committed`] and
    /// [`Service::run`].
    #[must_use]
    pub fn new(parts: Parts, options: Options) -> Self {
        let inner = Inner {
            waiters: Waiters::new(options.in_flight_max),
            time: LogTime::new(Arc::clone(&parts.clock)),
            denials: Denials::new(options.denial_rate, Arc::clone(&parts.clock)),
            halts: Halts::default(),
            parts,
            options,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Hands over what was just committed, in order. Called by the projector of this process after
    /// each COMMIT.
    pub fn committed(&self, entries: Vec<Entry>) {
        self.inner.parts.heads.committed(&entries);
        self.inner.waiters.committed(entries);
    }

    /// Appends a command and waits for its outcome. It has no effect past the service's deadline.
    pub async fn submit(&self, request: Request) -> Result<Decided, SubmitError> {
        let not_after = self.deadline(&request.caller.tenant);
        self.submit_until(request, not_after).await
    }

    /// Appends a command that has no effect past this log time, and waits for its outcome.
    ///
    /// It is waited for no longer than for any other: a later time makes it `Undecided` sooner.
    pub async fn submit_until(
        &self,
        request: Request,
        not_after: DateTime<Utc>,
    ) -> Result<Decided, SubmitError> {
        self.carry(self.submission(request, Some(not_after))).await
    }

    /// What would become of a request, at the newest entry. Nothing is appended.
    pub async fn rehearse(&self, request: Request) -> Result<Rehearsed, writ_store::Error> {
        // Whether the key was used is no matter of what is asked.
        let provenance = Provenance {
            idempotency_key: None,
            ..request.provenance
        };
        let submission = self.submission(
            Request {
                provenance,
                ..request
            },
            None,
        );
        self.inner
            .parts
            .rehearsal
            .rehearse(&submission, self.inner.time.now())
            .await
    }

    /// How many commands of this process wait for their outcome.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.inner.waiters.waiting()
    }

    /// An id that was never given out.
    pub(crate) fn new_id(&self) -> CommandId {
        self.inner.parts.ids.command_id()
    }

    /// Puts on record that a caller was refused; beyond the caller's rate, counts it.
    pub async fn record_denial(
        &self,
        (caller, provenance): (Caller, Provenance),
        operation: &str,
        target: Option<NounRef>,
        denial: Denial,
    ) -> Result<Refused, SubmitError> {
        let operation = operation.to_owned();
        let refusal = Refusal {
            caller,
            provenance,
            operation,
            target,
            denial,
        };
        match self.inner.denials.refuse(refusal) {
            Verdict::Record(refusal) => {
                let decided = self.carry(self.denial(*refusal, 1)).await?;
                Ok(Refused::Recorded(Box::new(decided)))
            }
            Verdict::Counted => {
                counter!(DENIALS_COUNTED).increment(1);
                Ok(Refused::Counted)
            }
            Verdict::NoRoom => Err(SubmitError::Unavailable {
                retry_after: self.inner.options.denial_window,
                source: "too many denials are waiting to be recorded".into(),
            }),
        }
    }

    /// The submission of a request: its stamp is made here.
    fn submission(&self, request: Request, not_after: Option<DateTime<Utc>>) -> Submission {
        let Request {
            caller,
            provenance,
            fingerprint,
            command,
            expected,
        } = request;
        let key = provenance.idempotency_key.clone();
        let stamp = Stamp {
            expected,
            // Finer than the log's time is nothing, and would not read back.
            not_after: not_after.map(|time| time.trunc_subsecs(6)),
            idempotency: key.map(|key| Idempotency { key, fingerprint }),
            ..self.stamp(&caller, provenance)
        };
        Submission { stamp, command }
    }

    /// The submission of refusals. It has no deadline: what was answered must come to be recorded.
    pub(crate) fn denial(&self, refusal: Refusal, count: u32) -> Submission {
        let Refusal {
            caller,
            provenance,
            operation,
            target,
            denial,
        } = refusal;
        let stamp = self.stamp(&caller, provenance);
        Submission {
            stamp,
            command: Command::RecordDenial {
                operation,
                target,
                denial,
                count,
            },
        }
    }

    fn stamp(&self, caller: &Caller, provenance: Provenance) -> Stamp {
        let mut actor = caller.actor();
        actor.on_behalf_of = provenance.on_behalf_of;
        Stamp {
            command_id: self.inner.parts.ids.command_id(),
            tenant: caller.tenant.clone(),
            actor,
            reason: provenance.reason,
            ticket: provenance.ticket,
            request_id: provenance.request_id,
            not_after: None,
            idempotency: None,
            expected: None,
        }
    }

    /// In the log time of the tenant's partition.
    fn deadline(&self, tenant: &TenantId) -> DateTime<Utc> {
        let partition = self.inner.parts.buckets.partition_of(tenant);
        submission::not_after(self.inner.time.of(partition), self.inner.options.deadline)
    }

    /// Carries a submission to its outcome.
    pub(crate) async fn carry(&self, submission: Submission) -> Result<Decided, SubmitError> {
        let Inner {
            parts,
            options,
            waiters,
            time,
            halts,
            ..
        } = &*self.inner;
        let value = submission::encode(&submission)?;
        let Stamp {
            command_id, tenant, ..
        } = submission.stamp;
        let partition = parts.buckets.partition_of(&tenant);
        let patience = options.deadline.saturating_add(options.grace);
        let place = (partition, halts.holds(partition));
        let machine = Machine::begin(command_id, place, patience)?;
        let key = writ_envelope::encode_key(&tenant);
        let mut waiter = waiters.enter(tenant.clone(), command_id).map_err(|full| {
            let retry_after = Duration::from_secs(1);
            SubmitError::Unavailable {
                retry_after,
                source: Box::new(full),
            }
        })?;
        here(Point::CommandEntered).await;
        gauge!(IN_FLIGHT).set(count(waiters.waiting()));
        let begun = Instant::now();
        let passage = Passage {
            log: &*parts.log,
            time,
            halts,
            partition,
            record: Record {
                key,
                value,
                headers: Vec::new(),
            },
            begun,
        };
        let passed = passage.entry(machine, &mut waiter).await;
        let outcome = match &passed {
            Ok(entry) => entry.outcome.kind(),
            Err(failed) => failed.kind(),
        };
        histogram!(SUBMIT_SECONDS, "outcome" => outcome).record(begun.elapsed().as_secs_f64());
        let decided = self.decided(&tenant, *passed?).await;
        here(Point::CommandAnswer).await;
        decided
    }

    /// What an entry says of its command: of a duplicate, what the first one says.
    pub(crate) async fn decided(
        &self,
        tenant: &TenantId,
        entry: Entry,
    ) -> Result<Decided, SubmitError> {
        let mut resolved = submission::resolve(entry);
        loop {
            let (of, command_id) = match resolved {
                Resolved::Here(decided) => return Ok(*decided),
                Resolved::There { of, command } => (of, command),
            };
            let unread = |source| SubmitError::Unread { command_id, source };
            here(Point::CommandResolve).await;
            let first = entries::at(&self.inner.parts.store, tenant, of)
                .await
                .map_err(unread)?;
            here(Point::CommandResolved).await;
            let first = first.ok_or_else(|| {
                unread(writ_store::Error::Inconsistent {
                    what: "duplicate",
                    problem: format!("entry {of} of {tenant} is not there"),
                })
            })?;
            resolved = submission::replayed(first, command_id);
        }
    }
}

/// A number of things as a metric has it.
fn count(things: usize) -> f64 {
    u32::try_from(things).unwrap_or(u32::MAX).into()
}
