//! Storms: everything is killed, frozen and cut off at random while everybody writes and reads, and
//! afterwards all that anybody was told is held against the ledger.
//!
//! **Shape.** A seed throws a `plan`, which a `stage` plays: processes of each role, brokers and a
//! Postgres of its own. Callers write over HTTP (`load`), `readers` and `subscribers` read, each at
//! whatever process answers; a consumer follows the topic of changes. `verdict` compares.
//!
//! `WRIT_STORM_SEED` has a storm again, as far as a machine does the same twice; `WRIT_STORM_SECONDS`
//! and `WRIT_STORM_KILLS` make one longer.

mod alone;
mod model;
mod plan;
mod readers;
mod stage;
mod subscribers;
mod verdict;

use std::env;
use std::sync::Arc;
use std::thread::panicking;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_tests::Dice;

use self::plan::{Plan, Weather};
use self::readers::{Holder, Places, Reader};
use self::stage::Stage;
use self::subscribers::{Heard, poll, stream};
use self::verdict::Verdict;
use crate::faults::load::check::Summary;
use crate::faults::load::{self, Load};
use crate::ledger::head;

const COMMANDS: [&str; 2] = ["command-1", "command-2"];
const PROJECTORS: [&str; 2] = ["projector-1", "projector-2"];
const QUERIES: [&str; 2] = ["query-1", "query-2"];

const CALLERS: u32 = 12;
const READERS: usize = 3;
/// Wishes at most, however long it lasts: in the end all is decided and folded again.
const WISHES: u32 = 40_000;
/// Wishes that are answered at least, also on a machine that has little to spare.
const ANSWERED_A_SECOND: u64 = 2;
/// So many are enough, however long it lasts: callers of a long one think for longer.
const ANSWERED_ENOUGH: u64 = 10_000;
/// So short that a frozen owner has lost its partition when it wakes.
const LEASE: Duration = Duration::from_secs(2);
/// How long all may take to be as if nothing had happened, after the last stroke.
const SETTLED: Duration = Duration::from_mins(1);

/// Says once more at the end of a test that fails what it did.
struct Told {
    seed: u64,
    plan: String,
}

impl Drop for Told {
    fn drop(&mut self) {
        if panicking() {
            eprintln!("WRIT_STORM_SEED={}\n{}", self.seed, self.plan);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_everybody_lose_nothing() {
    let seconds = from_environment("WRIT_STORM_SECONDS").unwrap_or(60);
    let kills = from_environment("WRIT_STORM_KILLS").unwrap_or(24);
    blow(Weather {
        lasts: Duration::from_secs(seconds),
        kills: usize::try_from(kills).expect("few"),
        nodes: 1,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_that_die_and_followers_that_are_cut_off_lose_nothing() {
    blow(Weather {
        lasts: Duration::from_secs(45),
        kills: 10,
        nodes: 3,
    })
    .await;
}

fn from_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

async fn blow(weather: Weather) {
    let seed = from_environment("WRIT_STORM_SEED").unwrap_or_else(load::seed);
    let mut dice = Dice::new(seed);
    let plan = Plan::throw(&mut dice, &weather);
    assert_eq!(plan.kills(), weather.kills);
    let told = Told {
        seed,
        plan: plan.to_string(),
    };
    eprintln!("WRIT_STORM_SEED={seed}\n{plan}");
    let mut stage = Stage::set(weather.nodes, dice.split()).await;
    let mut follower = stage.kafka().follow(&stage.topic("changes")).await;
    let urls = stage.urls(&COMMANDS);
    let pause = weather.lasts * CALLERS / WISHES;
    let load = Load::start_in_storm(urls, stage.home(), &mut dice, CALLERS as usize, pause).await;
    let audience = Audience::begin(&stage, &load, &mut dice).await;

    stage.play(&plan).await;
    stage.settle().await;
    let answers = load.answers();
    let done = load.enough().await;
    let reader = stage.fleet.client(QUERIES[0]);
    let (read, heard) = audience.end(head(&reader).await).await;

    let verdict = Verdict {
        stage: &stage,
        reader,
    };
    let summary = verdict.on(done, &read, &heard, &mut follower).await;
    was_busy(&summary, weather.lasts);
    eprintln!(
        "{} kills in {:?}; {answers} answers, by the end of it",
        plan.kills(),
        weather.lasts
    );
    drop(told);
}

/// Panics unless so much was written that losing something would show, and some of each sort.
fn was_busy(summary: &Summary, lasts: Duration) {
    let least = (ANSWERED_A_SECOND * lasts.as_secs()).min(ANSWERED_ENOUGH);
    assert!(
        summary.answered as u64 >= least,
        "fewer than {least} were answered: {summary:?}"
    );
    for outcome in ["applied", "unchanged", "rejected"] {
        assert!(
            summary.outcomes.contains_key(outcome),
            "no command was {outcome}: {summary:?}"
        );
    }
    for (what, count) in [
        ("came twice to the log", summary.duplicates),
        ("came after its deadline", summary.expired),
        ("was answered again", summary.repeated),
        ("was a cancellation", summary.cancels),
    ] {
        assert!(count > 0, "nothing {what}: {summary:?}");
    }
}

/// Those who read while it blows.
struct Audience {
    readers: JoinSet<readers::Seen>,
    over: watch::Sender<bool>,
    subscribers: JoinSet<Heard>,
    progress: Vec<watch::Receiver<u64>>,
    end: watch::Sender<Option<u64>>,
}

impl Audience {
    async fn begin(stage: &Stage, load: &Load, dice: &mut Dice) -> Self {
        let urls = stage.urls(&QUERIES);
        let token = &stage.home().ready().token;
        let ground = load.ground();
        let roles = ground.roles.iter().cloned().map(Holder::Role);
        let users = ground.users.iter().cloned().map(Holder::User);
        let holders: Arc<[Holder]> = roles.chain(users).collect();
        let (over, end) = (watch::Sender::new(false), watch::Sender::new(None));
        let mut readers = JoinSet::new();
        for number in 0..READERS {
            let reader = Reader {
                places: Places::new(&urls, token, number),
                dice: dice.split(),
                holders: Arc::clone(&holders),
                newest: load.newest(),
                over: over.subscribe(),
            };
            readers.spawn(reader.run());
        }
        let places = |number| Places::new(&urls, token, number);
        let base = head(places(0).client()).await;
        let mut subscribers = JoinSet::new();
        let (streaming, polling) = (Heard::after(base), Heard::after(base));
        let progress = vec![streaming.progress(), polling.progress()];
        subscribers.spawn(stream(places(0), streaming, end.subscribe()));
        subscribers.spawn(poll(places(1), polling, end.subscribe()));
        Self {
            readers,
            over,
            subscribers,
            progress,
            end,
        }
    }

    /// What everybody got, when all have heard of the last entry.
    async fn end(mut self, last: u64) -> (Vec<readers::Seen>, Vec<Heard>) {
        self.end.send_replace(Some(last));
        for progress in &mut self.progress {
            let told = timeout(SETTLED, progress.wait_for(|heard| *heard >= last)).await;
            let in_time = told.is_ok_and(|told| told.is_ok());
            if !in_time {
                let heard = *progress.borrow();
                panic!("not within {SETTLED:?}: {heard} of {last} were heard");
            }
        }
        self.over.send_replace(true);
        (
            self.readers.join_all().await,
            self.subscribers.join_all().await,
        )
    }
}
