//! Asks questions that come at the same time in one statement.
//!
//! A statement of one question costs Postgres and us more for being a statement than for the
//! question. So while a tenant has as many in flight as it may, its further questions wait, and
//! the next statement takes all of them: the busier, the cheaper each. A question that comes alone
//! is asked at once.
//!
//! **Correctness.** A question is only ever part of a statement that begins after it came, so its
//! answer shows everything that was committed before. Statements are asked by tasks of their own: a
//! client that gives up leaves the others of its statement alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use writ_domain::TenantId;
use writ_store::Store;
use writ_store::entries::Head;
use writ_store::grants::{self, Granted};

use super::Question;

/// Statements of one tenant that are in flight at once, at most.
const LANES_MAX: usize = 2;

/// Questions in one statement, at most: more would let the first of them wait for the last.
const TOGETHER_MAX: usize = 64;

/// Asks what requests want to know. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub struct Asker {
    store: Store,
    tenants: Arc<Mutex<BTreeMap<TenantId, Waiting>>>,
    /// What they hold is lost with nobody: whoever asked waits for it, or is gone.
    lanes: TaskTracker,
}

/// Of one tenant; there is none where nothing is in flight.
#[derive(Debug, Default)]
struct Waiting {
    lanes: usize,
    questions: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    answer: oneshot::Sender<Answer>,
}

type Answer = Result<(Option<Granted>, Head), Arc<writ_store::Error>>;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The statement failed, for all that were in it.
    #[error("the statement of the question failed")]
    Store(#[source] Arc<writ_store::Error>),
    /// Whoever was to ask it is gone.
    #[error("nobody asked the question to its end")]
    Dropped,
}

impl Unanswered {
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Dropped => true,
        }
    }
}

impl Asker {
    /// Asks this store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            tenants: Arc::default(),
            lanes: TaskTracker::new(),
        }
    }

    /// The answer as everything committed so far has left it, and in what state that is.
    pub(crate) async fn ask(
        &self,
        tenant: &TenantId,
        question: Question,
    ) -> Result<(Option<Granted>, Head), Unanswered> {
        let (answer, told) = oneshot::channel();
        if let Some(lane) = self.wait(tenant, Asked { question, answer }) {
            self.lanes.spawn(lane.run());
        }
        match told.await {
            Ok(answer) => answer.map_err(Unanswered::Store),
            Err(_gone) => Err(Unanswered::Dropped),
        }
    }

    /// Lets a question wait; the lane that is to be begun, if there may be one more.
    fn wait(&self, tenant: &TenantId, asked: Asked) -> Option<Lane> {
        let mut tenants = self.lock();
        let waiting = tenants.entry(tenant.clone()).or_default();
        waiting.questions.push(asked);
        if waiting.lanes == LANES_MAX {
            return None;
        }
        waiting.lanes += 1;
        Some(Lane {
            asker: self.clone(),
            tenant: tenant.clone(),
            is_over: false,
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Waiting>> {
        // Nothing panics while it is held.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks what waits, statement after statement, until nothing does.
struct Lane {
    asker: Asker,
    tenant: TenantId,
    is_over: bool,
}

impl Lane {
    async fn run(mut self) {
        while let Some(asked) = self.next() {
            self.answer(asked).await;
        }
    }

    /// What waits; the lane is over if nothing does.
    ///
    /// SUBTLE: both under one lock, or a question could come between and wait for a lane that has
    /// just ended.
    fn next(&mut self) -> Option<Vec<Asked>> {
        let mut tenants = self.asker.lock();
        let waiting = tenants.get_mut(&self.tenant)?;
        // Whoever gave up since is not asked for.
        waiting.questions.retain(|asked| !asked.answer.is_closed());
        let together = waiting.questions.len().min(TOGETHER_MAX);
        if together > 0 {
            return Some(waiting.questions.drain(..together).collect());
        }
        self.is_over = true;
        waiting.lanes -= 1;
        if waiting.lanes == 0 {
            tenants.remove(&self.tenant);
        }
        None
    }

    async fn answer(&self, asked: Vec<Asked>) {
        let questions: Vec<grants::Question<'_>> =
            asked.iter().map(|asked| asked.question.stored()).collect();
        let checked = grants::check(&self.asker.store, &self.tenant, None, &questions).await;
        match checked {
            Ok(checked) => {
                let head = checked.head.unwrap_or_else(Head::none);
                for (asked, answer) in asked.into_iter().zip(checked.answers) {
                    tell(asked, Ok((answer, head)));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for asked in asked {
                    tell(asked, Err(Arc::clone(&error)));
                }
            }
        }
    }
}

fn tell(asked: Asked, answer: Answer) {
    // Who gave up meanwhile needs no answer.
    drop(asked.answer.send(answer));
}

impl Drop for Lane {
    /// A lane that was cut off leaves its place; were it the last, those who wait are told so.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut tenants = self.asker.lock();
        let Some(waiting) = tenants.get_mut(&self.tenant) else {
            return;
        };
        waiting.lanes -= 1;
        if waiting.lanes == 0 {
            tenants.remove(&self.tenant);
        }
    }
}
