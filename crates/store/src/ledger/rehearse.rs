//! Deciding without submitting: in one snapshot that cannot write.

use core::time::Duration;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use writ_domain::{
    Judgement, Partition, Placement, Position, Seq, Settled, State, Submission, TenantSeq, judge,
    touches,
};

use super::load::{States, Wanted};
use super::session::{Lease, Session};
use crate::Error;
use crate::entries::{self, Head};
use crate::log::Config;
use crate::rebuild::READ_LOCK;

/// Decides submissions as if each were the next entry of its tenant. One at a time.
#[derive(Debug)]
pub struct Rehearsal {
    config: Config,
    session: Mutex<Option<Session>>,
}

impl Rehearsal {
    /// A rehearsal at `config`. Nothing is connected yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            session: Mutex::new(None),
        }
    }

    /// What would become of a submission that came into the log at `now`, and after which entry.
    pub async fn rehearse(
        &self,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<(Head, Settled), Error> {
        let mut held = self.session.lock().await;
        let session = match held.take() {
            Some(session) if !session.is_closed() => session,
            Some(_) | None => self.connect().await?,
        };
        let rehearsed = session.rehearse(submission, now).await;
        session.rollback().await;
        // Cut off in the middle, it is not put back: what it still waits for goes with it.
        *held = Some(session);
        rehearsed
    }

    async fn connect(&self) -> Result<Session, Error> {
        let lease = Lease {
            owner: String::new(),
            duration: Duration::from_secs(10),
        };
        Session::open_named(&self.config, lease, "writ-rehearsal").await
    }
}

impl Session {
    async fn rehearse(
        &self,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<(Head, Settled), Error> {
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{READ_LOCK}");
        self.client
            .batch_execute(&begin)
            .await
            .map_err(Error::statement("store.ledger.rehearse"))?;
        let tenant = &submission.stamp.tenant;
        let head = entries::head_on(&self.client, tenant)
            .await?
            .unwrap_or_else(Head::none);
        let placement = Placement {
            // Deciding reads neither partition nor seq.
            position: Position {
                partition: Partition(0),
                seq: Seq::ZERO,
            },
            tenant_seq: head.tenant_seq.next().unwrap_or(TenantSeq::ZERO),
            time: now.max(head.time),
        };
        let mut states = States::from([(tenant.clone(), State::unknown())]);
        let mut asked: BTreeSet<Wanted> = BTreeSet::new();
        let mut wanted: Vec<Wanted> = touches(submission)
            .into_iter()
            .map(|key| (tenant.clone(), key))
            .collect();
        loop {
            if let Some((_, again)) = wanted.iter().find(|key| !asked.insert((*key).clone())) {
                let problem = format!("it asks again for {again:?}");
                return Err(Error::Inconsistent {
                    what: "rehearsal",
                    problem,
                });
            }
            self.load(wanted, &mut states).await?;
            let state: &mut State = states.entry(tenant.clone()).or_default();
            match judge(state, submission, &placement) {
                Judgement::Settled(settled) => return Ok((head, settled)),
                Judgement::Need(keys) => {
                    wanted = keys.into_iter().map(|key| (tenant.clone(), key)).collect();
                }
                Judgement::Contradiction(error) => {
                    let problem = error.to_string();
                    return Err(Error::Inconsistent {
                        what: "state",
                        problem,
                    });
                }
            }
        }
    }
}
