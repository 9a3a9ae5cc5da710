//! A load of everything that writes, whose answers are compared with the ledger afterwards.
//!
//! **Shape.** A [`Load`] is a number of callers who ask over HTTP for what their dice say (`wish`),
//! each on its own connections, and write down what they were told (`journal`). A test does to the
//! server what it has in mind, tells the callers by [`Life`] what they may expect, and in the end
//! reads the feed from genesis and compares (`check`).

mod caller;
mod check;
mod checks;
mod dice;
mod feed;
mod ground;
mod journal;
mod wish;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use writ_tests::{Server, TokenRequest};

use self::caller::{Caller, Common, Journal};
use self::check::{Summary, check};
pub(super) use self::dice::Dice;
use self::feed::Feed;
use self::ground::Ground;
use self::wish::Wisher;

/// How the server is, as far as the test knows that does things to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It runs; lives are numbered.
    Up(u32),
    /// That life of it is being ended, or was, and there will be another one.
    Down(u32),
    /// It will be gone soon, or is, until the callers are done.
    Over,
}

impl Life {
    fn number(self) -> u32 {
        match self {
            Self::Up(number) | Self::Down(number) => number,
            Self::Over => u32::MAX,
        }
    }
}

/// Callers at work.
#[derive(Debug)]
pub(super) struct Load {
    common: Arc<Common>,
    life: watch::Sender<Life>,
    callers: JoinSet<Journal>,
    ground: Arc<Ground>,
}

/// What the callers wrote down.
#[derive(Debug)]
pub(super) struct Done {
    journal: Journal,
    others: u64,
}

/// The seed of a test: a new one each time, or the one that is to be had again.
pub(super) fn seed() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    let again = std::env::var("LOAD_SEED").ok();
    let seed = again.map_or_else(
        || u64::from(now.subsec_nanos()),
        |text| text.parse().expect("LOAD_SEED is a number"),
    );
    eprintln!("LOAD_SEED={seed}");
    seed
}

impl Load {
    /// Lets `callers` ask for `wishes` things between them.
    pub(super) async fn start(
        server: &Server,
        dice: &mut Dice,
        callers: usize,
        wishes: usize,
    ) -> Self {
        let ground = Arc::new(Ground::lay(&server.client()).await);
        let reader = TokenRequest {
            scope: Some("read:roles"),
            ..TokenRequest::default()
        };
        let common = Arc::new(Common {
            url: server.ready().url.clone(),
            admin: server.ready().token.clone(),
            reader: server.token(reader).await,
            left: AtomicUsize::new(wishes),
            answered: watch::Sender::new(0),
        });
        let life = watch::Sender::new(Life::Up(0));
        let mut at_work = JoinSet::new();
        for number in 0..callers {
            let name = format!("caller-{number}");
            let one = Wisher::new(name.clone(), dice.split(), Arc::clone(&ground));
            at_work.spawn(Caller::new(name, Arc::clone(&common), life.subscribe(), one).run());
        }
        Self {
            common,
            life,
            callers: at_work,
            ground,
        }
    }

    /// Waits until so many wishes are answered.
    pub(super) async fn answered(&mut self, count: usize) {
        let mut answered = self.common.answered.subscribe();
        tokio::select! {
            enough = answered.wait_for(|answered| *answered >= count) => {
                drop(enough.expect("the load has the sender"));
            }
            ended = self.callers.join_next() => panic!("a caller ended before {count}: {ended:?}"),
        }
    }

    pub(super) fn is(&self, life: Life) {
        self.life.send_replace(life);
    }

    pub(super) async fn done(self) -> Done {
        let mut journal = Journal::default();
        for of_caller in self.callers.join_all().await {
            journal.tickets.extend(of_caller.tickets);
            journal.surprises.extend(of_caller.surprises);
        }
        Done {
            journal,
            others: self.ground.entries,
        }
    }
}

impl Done {
    /// Panics unless everything that was told is in the ledger, once, and the ledger is sound.
    pub(super) async fn agrees_with(self, server: &Server) -> Summary {
        let Self { journal, others } = self;
        assert_eq!(journal.surprises, Vec::<String>::new());
        let feed = Feed::read(&server.client()).await;
        let summary = check(&journal.tickets, &feed, others)
            .unwrap_or_else(|complaints| panic!("{complaints}"));
        let verified = server.run(&["verify", "--json"]).await;
        let verified: Value = serde_json::from_str(&verified).expect("JSON");
        assert_eq!(verified["equal"], true, "{verified}");
        eprintln!("{summary:?}");
        summary
    }
}
