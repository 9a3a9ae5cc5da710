//! A ledger's way through cuts, and many of them side by side.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_crash::{Cut, Ended, Point};

use crate::check::check;
use crate::ledger::{Ledger, Template};
use crate::story::{self, Kind};

/// Ledgers at a time. Most of them wait for a lease to end.
const AT_ONCE: usize = 8;
/// Until a ledger has settled, at most. Upkeep that came by while nobody owned anything, as happens
/// on a busy machine, rests for half a minute; and each cut may take two lives.
const PATIENCE: Duration = Duration::from_mins(3);

/// How long a process is frozen that is.
pub(crate) const FROZEN: Duration = Duration::from_millis(50);

/// The cuts that a ledger goes through, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cuts(pub(crate) Vec<Cut>);

impl fmt::Display for Cuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, cut) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { " " };
            let frozen = if cut.frozen.is_zero() { "" } else { "+" };
            write!(f, "{between}{}@{}{frozen}", cut.point, cut.hit)?;
        }
        Ok(())
    }
}

/// What came of a way.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) cuts: Cuts,
    /// How many of the cuts there was occasion for.
    pub(crate) reached: usize,
    /// Whether something was committed of which nobody was told.
    pub(crate) unknown: bool,
}

async fn go(ledger: &Ledger, cuts: &Cuts) -> Gone {
    let (mut reached, mut unknown) = (0, false);
    for cut in &cuts.0 {
        // A life that had more at a time to do comes by less often.
        let again = Cut { hit: 1, ..*cut };
        if is_cut(ledger, *cut).await || is_cut(ledger, again).await {
            reached += 1;
            if story::commits(cut.point) {
                unknown |= ledger.has_unknown().await;
            }
            if cut.point == Point::RelayAppendSent {
                assert!(ledger.has_untold().await, "the topic took nothing");
            }
        }
    }
    let last = ledger.live(Kind::Works, None).await;
    assert_eq!(last.ended, Ended::Finished);
    check(ledger).await;
    Gone {
        cuts: cuts.clone(),
        reached,
        unknown,
    }
}

/// Lives until a life is cut off there; whether one was.
async fn is_cut(ledger: &Ledger, cut: Cut) -> bool {
    for kind in story::until(cut.point) {
        if ledger.live(*kind, Some(cut)).await.ended == Ended::Cut {
            return true;
        }
    }
    false
}

/// Goes all these ways, each on a ledger of its own; `passed` is told of each at its end.
///
/// # Panics
/// If one of them does; with its cuts, after those that had begun have ended.
pub(crate) async fn go_all(
    partitions: u16,
    ways: Vec<Cuts>,
    mut passed: impl FnMut(&Gone),
) -> Vec<Gone> {
    let template = Arc::new(Template::make(partitions).await);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut going = JoinSet::new();
    for cuts in ways {
        let (template, places) = (Arc::clone(&template), Arc::clone(&places));
        going.spawn(async move {
            // None is free any more once a way has failed.
            let _place = places.acquire_owned().await.ok()?;
            let mut one = JoinSet::new();
            let (label, of) = (cuts.to_string(), Arc::clone(&template));
            one.spawn(async move {
                let ledger = of.ledger().await;
                let gone = timeout(PATIENCE, go(&ledger, &cuts)).await;
                let gone = gone.unwrap_or_else(|_late| panic!("{} has not settled", ledger.name));
                of.drop_ledger(ledger).await;
                gone
            });
            let gone = one.join_next().await.unwrap();
            Some(gone.map_err(|panicked| format!("{label}: {panicked}")))
        });
    }
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    while let Some(ended) = going.join_next().await {
        match ended.unwrap() {
            Some(Ok(gone)) => {
                passed(&gone);
                all.push(gone);
            }
            Some(Err(how)) => {
                places.close();
                failed.push(how);
            }
            None => {}
        }
    }
    assert_eq!(failed, Vec::<String>::new());
    Arc::into_inner(template).unwrap().end().await;
    all
}
