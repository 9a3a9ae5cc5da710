//! Readers in a storm: what they see is never older than what they or anybody was told before, and
//! of a point of history always the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use tokio::sync::watch;
use tokio::time::sleep;
use writ_tests::{Client, Dice, Response};

use super::model::{self, Held};
use crate::faults::load::journal::At;
use crate::ledger::{Revision, encoded};

/// Until somebody whose connection broke tries another process.
const TURN: Duration = Duration::from_millis(100);
/// A reader looks, and looks again so much later.
const PAUSE: Duration = Duration::from_millis(30);
/// The more answers a reader keeps, the fewer it adds: one in as many as it has of so many.
const KEPT: usize = 200;

/// Processes that answer reads; whoever gets no answer turns to the next one.
#[derive(Debug, Clone)]
pub(super) struct Places {
    urls: Arc<[String]>,
    token: String,
    at: usize,
    client: Client,
}

/// Whose grants are asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    Role(String),
    User(String),
}

/// Somebody who reads.
pub(super) struct Reader {
    pub(super) places: Places,
    pub(super) dice: Dice,
    pub(super) holders: Arc<[Holder]>,
    /// What writers were told of last.
    pub(super) newest: watch::Receiver<Option<At>>,
    pub(super) over: watch::Receiver<bool>,
}

/// What a reader found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The newest entry that it was shown.
    newest: u64,
    /// Who held what as of an entry, as it was answered first.
    pub(super) held: BTreeMap<(u64, Holder), Held>,
    /// The points of history, to ask again.
    points: Vec<Revision>,
    pub(super) latest: usize,
    pub(super) at_least: usize,
    pub(super) as_of: usize,
    pub(super) again: usize,
    pub(super) not_now: usize,
    pub(super) broken: usize,
}

impl Places {
    pub(super) fn new(urls: &[String], token: &str, at: usize) -> Self {
        Self {
            urls: urls.into(),
            token: token.to_owned(),
            at,
            client: Client::new(&urls[at % urls.len()]).with_token(token),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Turns to the next one, after a moment.
    pub(super) async fn turn(&mut self) {
        let (urls, token) = (Arc::clone(&self.urls), self.token.clone());
        *self = Self::new(&urls, &token, self.at + 1);
        sleep(TURN).await;
    }
}

impl Holder {
    fn query(&self) -> String {
        match self {
            Self::Role(id) => format!("role={}", encoded(id)),
            Self::User(id) => format!("subject={}", encoded(id)),
        }
    }
}

impl Reader {
    /// Reads until it is over.
    pub(super) async fn run(mut self) -> Seen {
        let mut seen = Seen::default();
        while !*self.over.borrow() {
            match self.dice.below(4) {
                0 => self.latest(&mut seen).await,
                1 => self.at_least(&mut seen).await,
                2 => self.as_of(&mut seen).await,
                _ => self.again(&mut seen).await,
            }
            sleep(PAUSE).await;
        }
        seen
    }

    /// The newest is at least what was answered before it was asked for, and what one saw before.
    async fn latest(&mut self, seen: &mut Seen) {
        let told = self.told();
        let Some(answer) = self
            .ask("/v1/changes?limit=1&consistency=latest", seen)
            .await
        else {
            return;
        };
        let shown = Revision::of(&answer);
        let known = told.map_or(0, |at| at.tenant_seq).max(seen.newest);
        assert!(
            shown.tenant_seq() >= known,
            "the newest entry is {}, and {known} was known",
            shown.tenant_seq()
        );
        seen.newest = shown.tenant_seq();
        seen.points.push(shown);
        seen.latest += 1;
    }

    async fn at_least(&mut self, seen: &mut Seen) {
        let Some(told) = self.told() else { return };
        let query = self.dice.pick(&self.holders).query();
        let path = format!(
            "/v1/grants?{query}&realm=auth0&limit=1&at_least={}",
            told.text
        );
        let Some(answer) = self.ask(&path, seen).await else {
            return;
        };
        let shown = Revision::of(&answer).tenant_seq();
        assert!(
            shown >= told.tenant_seq.max(seen.newest),
            "at least {}, and {} were seen, not {shown}",
            told.tenant_seq,
            seen.newest
        );
        seen.newest = shown;
        seen.at_least += 1;
    }

    async fn as_of(&mut self, seen: &mut Seen) {
        if seen.points.is_empty() {
            return;
        }
        if !self.dice.once_in(1 + seen.held.len() / KEPT) {
            return self.again(seen).await;
        }
        let point = self.dice.pick(&seen.points).clone();
        let holder = self.dice.pick(&self.holders).clone();
        self.holds(seen, (point, holder)).await;
    }

    /// What was asked before, as of the same entry.
    async fn again(&mut self, seen: &mut Seen) {
        if seen.held.is_empty() {
            return;
        }
        let nth = self.dice.below(seen.held.len());
        let ((seq, holder), _) = seen.held.iter().nth(nth).expect("one of them");
        let (seq, holder) = (*seq, holder.clone());
        let point = seen.points.iter().find(|point| point.tenant_seq() == seq);
        let point = point.expect("a point that was asked of").clone();
        self.holds(seen, (point, holder)).await;
        seen.again += 1;
    }

    async fn holds(&mut self, seen: &mut Seen, (point, holder): (Revision, Holder)) {
        let query = holder.query();
        let path = format!(
            "/v1/grants?{query}&realm=auth0&limit=1000&as_of={}",
            point.text()
        );
        let Some(answer) = self.ask(&path, seen).await else {
            return;
        };
        let Some(held) = model::held(&answer.json()) else {
            return;
        };
        let key = (point.tenant_seq(), holder);
        if let Some(before) = seen.held.get(&key) {
            assert_eq!(&held, before, "{key:?} was answered otherwise");
        }
        seen.held.insert(key, held);
        seen.as_of += 1;
    }

    fn told(&self) -> Option<At> {
        self.newest.borrow().clone()
    }

    /// An answer; nothing where there was none now.
    async fn ask(&mut self, path: &str, seen: &mut Seen) -> Option<Response> {
        let request = self.places.client().request(Method::GET, path);
        match request.try_send().await {
            Ok(answer) if answer.status == 200 => return Some(answer),
            Ok(answer) if answer.status == 503 => seen.not_now += 1,
            Ok(answer) => panic!("{path}: {} {}", answer.status, answer.text()),
            Err(_broken) => seen.broken += 1,
        }
        self.places.turn().await;
        None
    }
}
