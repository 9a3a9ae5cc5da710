//! A process of a test: a runtime of one thread, which may be cut off.

use core::cell::RefCell;
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::yield_now;

use crate::Point;

/// Turns in which what was handed to the sockets goes out; one a task, so more than there are tasks.
const LAST_TURNS: usize = 128;

thread_local! {
    /// The process whose thread this is.
    static CURRENT: RefCell<Option<Process>> = const { RefCell::new(None) };
}

/// When a process is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Where.
    pub point: Point,
    /// At which hit of that point; the first is 1.
    pub hit: u32,
    /// For how long it is frozen before it goes: connections stay open, and answers come that
    /// nobody reads. Without, Postgres may see the end of a connection before it has come to the
    /// `COMMIT` that was sent.
    pub frozen: Duration,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It came to its end.
    Finished,
    /// It was cut off where that was ordered.
    Cut,
    /// It was killed wherever it was.
    Killed,
    /// It panicked.
    Panicked,
}

/// The thread of a process could not be started.
#[derive(Debug, thiserror::Error)]
#[error("a process could not be started")]
pub struct NotStarted {
    #[from]
    source: std::io::Error,
}

/// A process of a test. Clones speak of the same one.
#[derive(Debug, Clone)]
pub struct Process(Arc<watch::Sender<State>>);

#[derive(Debug, Default)]
struct State {
    cut: Option<Cut>,
    hits: BTreeMap<Point, u32>,
    dying: Option<Dying>,
    ended: Option<Ended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dying {
    /// From outside.
    Killed,
    /// At a point between two steps.
    Between,
    /// At a point within a step: what was sent may still go out.
    Within,
}

impl Process {
    /// Starts a process on a thread of its own; it ends with `main`, or at `cut`.
    pub fn start<F>(
        cut: Option<Cut>,
        main: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<Self, NotStarted>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let state = State {
            cut,
            ..State::default()
        };
        let process = Self(Arc::new(watch::Sender::new(state)));
        // SUBTLE: the end is looked for after each poll of a task, not after sixty-one of them.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .event_interval(1)
            .build()?;
        let its_own = process.clone();
        thread::Builder::new()
            .name("process".to_owned())
            .spawn(move || {
                CURRENT.set(Some(its_own.clone()));
                let mut end = End(&its_own, Ended::Panicked);
                end.1 = runtime.block_on(its_own.live(main(its_own.clone())));
                // As the kernel closes what a process had open, before anybody hears of the end.
                drop(runtime);
            })?;
        Ok(process)
    }

    async fn live(&self, main: impl Future<Output = ()> + Send + 'static) -> Ended {
        #[expect(
            clippy::disallowed_methods,
            reason = "a task like any other of the process; it is dropped with the runtime"
        )]
        let main = tokio::spawn(main);
        tokio::select! {
            biased;
            dying = self.dying() => {
                if dying == Dying::Killed {
                    return Ended::Killed;
                }
                if dying == Dying::Within {
                    for _turn in 0..LAST_TURNS {
                        yield_now().await;
                    }
                }
                // Not by the runtime's time, in which everything else would go on.
                thread::sleep(self.frozen());
                Ended::Cut
            }
            ended = main => match ended {
                Ok(()) => Ended::Finished,
                Err(_panicked) => Ended::Panicked,
            },
        }
    }

    async fn dying(&self) -> Dying {
        let mut state = self.0.subscribe();
        let dying = state.wait_for(|state| state.dying.is_some()).await;
        match dying.ok().and_then(|state| state.dying) {
            Some(dying) => dying,
            // The sender is ours.
            None => pending().await,
        }
    }

    /// Cuts it off wherever it is.
    pub fn kill(&self) {
        self.0.send_modify(|state| {
            state.dying.get_or_insert(Dying::Killed);
        });
    }

    /// Waits for the end: then everything that it had is dropped.
    pub async fn ended(&self) -> Ended {
        let mut state = self.0.subscribe();
        let ended = state.wait_for(|state| state.ended.is_some()).await;
        match ended.ok().and_then(|state| state.ended) {
            Some(ended) => ended,
            // The sender is ours.
            None => pending().await,
        }
    }

    /// Waits until a point was hit this often, for as long as that may take.
    pub async fn has_hit(&self, point: Point, times: u32) {
        let mut state = self.0.subscribe();
        let hit = |state: &State| state.hits.get(&point).is_some_and(|hits| *hits >= times);
        if state.wait_for(hit).await.is_err() {
            // The sender is ours.
            pending::<()>().await;
        }
    }

    /// How often each point was hit.
    #[must_use]
    pub fn hits(&self) -> BTreeMap<Point, u32> {
        self.0.borrow().hits.clone()
    }

    fn frozen(&self) -> Duration {
        self.0.borrow().cut.map_or(Duration::ZERO, |cut| cut.frozen)
    }

    /// Whether it is over, but for what was sent.
    fn is_dying(&self) -> bool {
        self.0.borrow().dying.is_some()
    }

    /// Counts a hit; whether whoever came here goes no further.
    fn hit(&self, point: Point, dying: Dying) -> bool {
        let mut stops = true;
        self.0.send_if_modified(|state| {
            if state.dying.is_some() {
                return false;
            }
            let hits = state.hits.entry(point).or_insert(0);
            *hits = hits.saturating_add(1);
            let hit = *hits;
            let cut = state.cut.map(|cut| (cut.point, cut.hit));
            stops = cut == Some((point, hit));
            if stops {
                state.dying = Some(dying);
            }
            true
        });
        stops
    }
}

/// Says how a process ended, also where its thread panics.
struct End<'a>(&'a Process, Ended);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let ended = self.1;
        self.0.0.send_modify(|state| state.ended = Some(ended));
    }
}

fn current() -> Option<Process> {
    CURRENT.with_borrow(Clone::clone)
}

/// A point between two steps: what comes before it is done, what comes after it is not begun.
pub async fn here(point: Point) {
    if current().is_some_and(|process| process.hit(point, Dying::Between)) {
        pending::<()>().await;
    }
}

/// A point within a step: what `sending` sends is on its way, its answer is not read.
pub async fn sent<F: Future>(point: Point, sending: F) -> F::Output {
    let Some(process) = current() else {
        return sending.await;
    };
    if process.is_dying() {
        return pending().await;
    }
    let mut sending = pin!(sending);
    let first = poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
    if let Poll::Ready(done) = first {
        return done;
    }
    if process.hit(point, Dying::Within) {
        return pending().await;
    }
    sending.await
}
