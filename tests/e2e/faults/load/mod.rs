//! A load of everything that writes, whose answers are compared with the ledger afterwards.
//!
//! **Shape.** A [`Load`] is a number of callers who ask over HTTP for what their dice say (`wish`),
//! each on its own connections, and write down what they were told (`journal`). A test does to the
//! server what it has in mind, tells the callers by [`Life`] what they may expect, and in the end
//! reads the feed from genesis and compares (`check`).

mod caller;
pub(crate) mod check;
mod checks;
mod clock;
pub(crate) mod feed;
mod ground;
pub(crate) mod journal;
mod wish;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
pub(crate) use writ_tests::Dice;
use writ_tests::{Client, Server, TokenRequest};

use self::caller::{Caller, Common, Journal};
use self::check::{Summary, check};
use self::feed::Feed;
use self::ground::Ground;
use self::journal::{Answer, At, Attempt, Span, Ticket, moment};
use self::wish::{Sender, Wish, Wisher};

/// The id of requests that a test sends itself, beside the load.
pub(crate) const PROBE: &str = "probe";

/// What is asked again at the end, where a test wants that.
const AGAIN: usize = 25;

/// How the server is, as far as the test knows that does things to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// It runs; lives are numbered.
    Up(u32),
    /// That life of it is being ended, or was, and there will be another one.
    Down(u32),
    /// It will be gone soon, or is, until the callers are done.
    Over,
    /// Its processes come and go, and nobody says which: who gets no answer asks another one.
    Storm,
}

impl Life {
    fn number(self) -> u32 {
        match self {
            Self::Up(number) | Self::Down(number) => number,
            Self::Over => u32::MAX,
            Self::Storm => u32::MAX - 1,
        }
    }
}

/// Callers at work.
#[derive(Debug)]
pub(crate) struct Load {
    common: Arc<Common>,
    life: watch::Sender<Life>,
    callers: JoinSet<Journal>,
    ground: Arc<Ground>,
    /// What the test asked for itself.
    own: Vec<Ticket>,
}

/// How much is asked for, by how many.
#[derive(Debug)]
struct Pace {
    callers: usize,
    wishes: usize,
    pause_for_thought: Duration,
}

/// What the callers wrote down.
#[derive(Debug)]
pub(crate) struct Done {
    journal: Journal,
    others: u64,
}

/// The seed of a test: a new one each time, or the one that is to be had again.
pub(crate) fn seed() -> u64 {
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
    pub(crate) async fn start(
        server: &Server,
        dice: &mut Dice,
        callers: usize,
        wishes: usize,
    ) -> Self {
        let url = &server.ready().url;
        Self::start_at(url, server, dice, (callers, wishes)).await
    }

    /// The same of a process at `url`, which trusts the tokens of `home`.
    pub(crate) async fn start_at(
        url: &str,
        home: &Server,
        dice: &mut Dice,
        (callers, wishes): (usize, usize),
    ) -> Self {
        let pace = Pace {
            callers,
            wishes,
            pause_for_thought: Duration::ZERO,
        };
        Self::begin((vec![url.to_owned()], Life::Up(0)), home, dice, pace).await
    }

    /// The same of processes that will come and go, without an end.
    pub(crate) async fn start_in_storm(
        urls: Vec<String>,
        home: &Server,
        dice: &mut Dice,
        callers: usize,
        pause_for_thought: Duration,
    ) -> Self {
        let pace = Pace {
            callers,
            wishes: usize::MAX,
            pause_for_thought,
        };
        Self::begin((urls, Life::Storm), home, dice, pace).await
    }

    async fn begin(
        (urls, life): (Vec<String>, Life),
        home: &Server,
        dice: &mut Dice,
        pace: Pace,
    ) -> Self {
        let client = Client::new(&urls[0]).with_token(&home.ready().token);
        let ground = Arc::new(Ground::lay(&client).await);
        let reader = TokenRequest {
            scope: Some("read:roles"),
            ..TokenRequest::default()
        };
        let common = Arc::new(Common {
            urls,
            pause_for_thought: pace.pause_for_thought,
            admin: home.ready().token.clone(),
            reader: home.token(reader).await,
            left: AtomicUsize::new(pace.wishes),
            answered: watch::Sender::new(0),
            newest: watch::Sender::new(None),
            pause: watch::Sender::new(false),
            at_rest: watch::Sender::new(0),
        });
        let life = watch::Sender::new(life);
        let mut at_work = JoinSet::new();
        for number in 0..pace.callers {
            let name = format!("caller-{number}");
            let mut one = Wisher::new(name.clone(), dice.split(), Arc::clone(&ground));
            if *life.borrow() == Life::Storm {
                one = one.hasty();
            }
            let (common, life) = (Arc::clone(&common), life.subscribe());
            at_work.spawn(Caller::new(name, common, life, one, number).run());
        }
        Self {
            common,
            life,
            callers: at_work,
            ground,
            own: Vec::new(),
        }
    }

    /// Waits until so many wishes are answered.
    pub(crate) async fn answered(&mut self, count: usize) {
        let mut answered = self.common.answered.subscribe();
        tokio::select! {
            enough = answered.wait_for(|answered| *answered >= count) => {
                drop(enough.expect("the load has the sender"));
            }
            ended = self.callers.join_next() => panic!("a caller ended before {count}: {ended:?}"),
        }
    }

    /// Asks for one thing more, as the test itself, and notes what comes of it; whether that was an
    /// answer.
    pub(crate) async fn is_answered(&mut self) -> bool {
        let request_id = format!("test/{}", self.own.len());
        let wish = Wish {
            method: Method::POST,
            path: "/api/v2/roles".to_owned(),
            body: json!({"name": format!("role of {request_id}")}),
            sender: Sender::Admin,
            kinds: &["CreateRole"],
            makes: None,
            once: true,
        };
        let client = Client::new(&self.common.urls[0]).with_token(&self.common.admin);
        let request = client.request(wish.method.clone(), &wish.path);
        let request = request.header("x-request-id", &request_id).json(&wish.body);
        let sent = moment();
        let answer = Answer::of(&request.send().await);
        let heard = moment();
        let answered = matches!(answer, Answer::Told(_));
        let attempt = Attempt {
            request_id,
            answer,
            span: Span { sent, heard },
        };
        self.own.push(Ticket {
            wish,
            key: None,
            attempts: vec![attempt],
        });
        answered
    }

    /// Waits until every caller has its answer, and lets none ask for more.
    pub(crate) async fn rest(&self) {
        self.common.pause.send_replace(true);
        let mut at_rest = self.common.at_rest.subscribe();
        let all = at_rest.wait_for(|count| *count == self.callers.len());
        drop(all.await.expect("the load has the sender"));
    }

    /// Ends the rest.
    pub(crate) fn go_on(&self) {
        self.common.pause.send_replace(false);
    }

    /// What was told of last, as it grows.
    pub(crate) fn newest(&self) -> watch::Receiver<Option<At>> {
        self.common.newest.subscribe()
    }

    /// How many definite answers there were.
    pub(crate) fn answers(&self) -> usize {
        *self.common.answered.borrow()
    }

    /// What is asked about.
    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Lets nobody ask for more, and ends when all is answered.
    pub(crate) async fn enough(self) -> Done {
        self.common.left.store(0, Ordering::SeqCst);
        self.done().await
    }

    pub(crate) fn is(&self, life: Life) {
        self.life.send_replace(life);
    }

    pub(crate) async fn done(self) -> Done {
        let mut journal = Journal {
            tickets: self.own,
            ..Journal::default()
        };
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
    /// Asks again for the first things that were asked for under a key, and notes the answers: they
    /// must be those of then.
    async fn ask_again(&mut self, client: &Client) {
        let mut asked = 0;
        let tickets = self.journal.tickets.iter_mut();
        let mut old: Vec<_> = tickets
            .filter(|ticket| ticket.key.is_some() && ticket.told().next().is_some())
            .collect();
        old.sort_by_key(|ticket| {
            let told = ticket.told().next();
            told.and_then(|(_, told)| Some(told.at.as_ref()?.tenant_seq))
        });
        for ticket in old.into_iter().take(AGAIN) {
            let request_id = format!("again/{asked}");
            let key = ticket.key.clone().unwrap_or_default();
            let mut request = client
                .request(ticket.wish.method.clone(), &ticket.wish.path)
                .header("x-request-id", &request_id)
                .header("idempotency-key", &key);
            if !ticket.wish.body.is_null() {
                request = request.json(&ticket.wish.body);
            }
            let sent = moment();
            let answer = Answer::of(&request.send().await);
            let heard = moment();
            assert!(
                matches!(answer, Answer::Told(_)),
                "{answer:?} to {ticket:?}"
            );
            ticket.attempts.push(Attempt {
                request_id,
                answer,
                span: Span { sent, heard },
            });
            asked += 1;
        }
        assert_eq!(asked, AGAIN, "so much was asked under a key");
    }

    /// How many requests were sent, and to how many of them there was a definite answer.
    pub(crate) fn sent_and_told(&self) -> (usize, usize) {
        let tickets = &self.journal.tickets;
        let sent = tickets.iter().map(|ticket| ticket.attempts.len()).sum();
        (
            sent,
            tickets.iter().map(|ticket| ticket.told().count()).sum(),
        )
    }

    /// Under which ids one can ask for what became of commands whose senders were told nothing.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let attempts = self
            .journal
            .tickets
            .iter()
            .flat_map(|ticket| &ticket.attempts);
        let ids = attempts.filter_map(|attempt| match &attempt.answer {
            Answer::NotNow(id) => id.clone(),
            Answer::Broken | Answer::Told(_) => None,
        });
        ids.collect()
    }

    /// Panics unless just so many wishes were told, some of them again when they are asked again,
    /// and all of that is in the ledger.
    pub(crate) async fn holds(mut self, server: &Server, wishes: usize) {
        self.ask_again(&server.client()).await;
        let summary = self.agrees_with(server).await;
        assert_eq!(summary.wishes, wishes);
    }

    /// Panics unless everything that was told is in the ledger, once, and the ledger is sound.
    pub(crate) async fn agrees_with(self, server: &Server) -> Summary {
        self.agrees_at(&server.client(), server).await
    }

    /// The same where the ledger is read at another place than `server`'s own.
    pub(crate) async fn agrees_at(self, reader: &Client, server: &Server) -> Summary {
        let Self { journal, others } = self;
        assert_eq!(journal.surprises, Vec::<String>::new());
        let feed = Feed::read(reader).await;
        let summary = check(&journal.tickets, &feed, others)
            .unwrap_or_else(|complaints| panic!("{complaints}"));
        let verified = server.run(&["verify", "--json"]).await;
        let verified: Value = serde_json::from_str(&verified).expect("JSON");
        assert_eq!(verified["equal"], true, "{verified}");
        eprintln!("{summary:?}");
        summary
    }
}
