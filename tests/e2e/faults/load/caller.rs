//! One of the callers: asks for one thing after the other, and keeps a journal.
//!
//! **Correctness.** Every request has an id of its own, under which its entry is found. What is
//! asked under a key is asked until there is an answer; what is asked without is asked once, since
//! a caller whose connection broke cannot know. A connection may break because the server was
//! killed; one that breaks otherwise is a surprise, and noted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use writ_tests::Client;

use super::Life;
use super::ground;
use super::journal::{Answer, At, Attempt, Span, Ticket, Told, moment};
use super::wish::{Sender, Wish, Wisher};

/// So many answers of "not now", one after the other, are an outage.
const PATIENCE: usize = 60;
/// The same where processes come and go: of these, most are connections that nobody takes.
const PATIENCE_IN_STORM: usize = 400;
/// Until somebody whose connection broke in a storm tries another process.
const TURN: Duration = Duration::from_millis(100);

/// What all callers of a load share.
#[derive(Debug)]
pub(crate) struct Common {
    /// Of processes that do the same. In a storm callers turn from one to the other.
    pub(crate) urls: Vec<String>,
    /// How long a caller thinks before it asks for the next thing.
    pub(crate) pause_for_thought: Duration,
    pub(crate) admin: String,
    pub(crate) reader: String,
    /// Wishes that are still to be had.
    pub(crate) left: AtomicUsize,
    /// Definite answers that came.
    pub(crate) answered: watch::Sender<usize>,
    /// The newest point of history that anybody was told.
    pub(crate) newest: watch::Sender<Option<At>>,
    /// Whether nobody is to ask for anything new.
    pub(crate) pause: watch::Sender<bool>,
    /// Callers who ask for nothing now.
    pub(crate) at_rest: watch::Sender<usize>,
}

impl Common {
    fn client(&self, at: usize) -> Client {
        Client::new(&self.urls[at % self.urls.len()])
    }

    fn is_told(&self, at: &At) {
        self.newest.send_if_modified(|newest| {
            let newer = newest
                .as_ref()
                .is_none_or(|newest| newest.tenant_seq < at.tenant_seq);
            if newer {
                *newest = Some(at.clone());
            }
            newer
        });
    }
}

#[derive(Debug)]
pub(crate) struct Caller {
    name: String,
    common: Arc<Common>,
    life: watch::Receiver<Life>,
    wisher: Wisher,
    /// Connections are those of one life of the server.
    client: (u32, Client),
    /// Which of the processes is asked.
    at: usize,
    sent: usize,
    journal: Journal,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) surprises: Vec<String>,
}

/// What a caller does next about a wish.
enum Next {
    Done,
    Again,
    /// The server is gone for good.
    Gone,
}

impl Caller {
    pub(crate) fn new(
        name: String,
        common: Arc<Common>,
        life: watch::Receiver<Life>,
        wisher: Wisher,
        at: usize,
    ) -> Self {
        let client = (life.borrow().number(), common.client(at));
        Self {
            name,
            common,
            life,
            wisher,
            client,
            at,
            sent: 0,
            journal: Journal::default(),
        }
    }

    /// Asks until nothing is left to be asked, or nobody to ask.
    pub(crate) async fn run(mut self) -> Journal {
        while self.take_one().await {
            let wish = self.wisher.wish();
            let keyed = wish.sender == Sender::Admin
                && !wish.kinds.is_empty()
                && !wish.once
                && self.wisher.dice().once_in(2);
            let key = keyed.then(|| format!("{}-key-{}", self.name, self.journal.tickets.len()));
            let mut ticket = Ticket {
                wish,
                key,
                attempts: Vec::new(),
            };
            let gone = !self.carry(&mut ticket).await;
            self.learn(&ticket);
            let cancel = self.cancel(&ticket);
            self.journal.tickets.push(ticket);
            if gone {
                break;
            }
            if let Some(mut ticket) = cancel {
                self.carry(&mut ticket).await;
                self.journal.tickets.push(ticket);
            }
            if !self.common.pause_for_thought.is_zero() {
                sleep(self.common.pause_for_thought).await;
            }
        }
        self.common.at_rest.send_modify(|count| *count += 1);
        self.journal
    }

    async fn take_one(&self) -> bool {
        if *self.common.pause.borrow() {
            self.common.at_rest.send_modify(|count| *count += 1);
            let mut pause = self.common.pause.subscribe();
            // An error is the end of the load, which ends the caller too.
            drop(pause.wait_for(|pause| !pause).await);
            self.common.at_rest.send_modify(|count| *count -= 1);
        }
        let one_less = |left: usize| left.checked_sub(1);
        self.common
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }

    /// Sends requests for a wish until it is answered; `false` if the server is gone.
    async fn carry(&mut self, ticket: &mut Ticket) -> bool {
        let key = ticket.key.clone();
        let mut again = key.is_some() && self.wisher.dice().once_in(16);
        if key.is_some() && self.wisher.dice().once_in(16) {
            // Two at the same time.
            let (one, two) = (self.prepare(), self.prepare());
            let (one, two) = tokio::join!(
                self.send(&ticket.wish, key.as_deref(), one),
                self.send(&ticket.wish, key.as_deref(), two)
            );
            ticket.attempts.extend([one, two]);
        }
        let patience = match *self.life.borrow() {
            Life::Storm => PATIENCE_IN_STORM,
            Life::Up(_) | Life::Down(_) | Life::Over => PATIENCE,
        };
        for _ in 0..patience {
            let before = *self.life.borrow();
            let request_id = self.prepare();
            let attempt = self.send(&ticket.wish, key.as_deref(), request_id).await;
            let next = self.next(&attempt, before).await;
            ticket.attempts.push(attempt);
            match next {
                Next::Gone => return false,
                Next::Again if key.is_some() => {}
                Next::Done if again => again = false,
                Next::Again | Next::Done => return true,
            }
        }
        let surprise = format!("no answer in {patience} tries: {:?}", ticket.wish);
        self.journal.surprises.push(surprise);
        true
    }

    /// The id of the next request; the connections are of the life that is led now.
    fn prepare(&mut self) -> String {
        let life = self.life.borrow().number();
        if self.client.0 != life {
            self.client = (life, self.common.client(self.at));
        }
        self.sent += 1;
        format!("{}/{}", self.name, self.sent)
    }

    async fn send(&self, wish: &Wish, key: Option<&str>, request_id: String) -> Attempt {
        let client = match wish.sender {
            Sender::Admin => self.client.1.with_token(&self.common.admin),
            Sender::Reader => self.client.1.with_token(&self.common.reader),
            Sender::Nobody => self.client.1.anonymous(),
        };
        let mut request = client
            .request(wish.method.clone(), &wish.path)
            .header("x-request-id", &request_id);
        if !wish.body.is_null() {
            request = request.json(&wish.body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let sent = moment();
        let answer = match request.try_send().await {
            Ok(response) => Answer::of(&response),
            Err(_broken) => Answer::Broken,
        };
        let heard = moment();
        Attempt {
            request_id,
            answer,
            span: Span { sent, heard },
        }
    }

    async fn next(&mut self, attempt: &Attempt, before: Life) -> Next {
        let now = *self.life.borrow();
        match &attempt.answer {
            Answer::Told(told) => {
                self.common.answered.send_modify(|count| *count += 1);
                if let Some(at) = &told.at {
                    self.common.is_told(at);
                }
                Next::Done
            }
            Answer::Broken | Answer::NotNow(_) if now == Life::Over => Next::Gone,
            Answer::NotNow(_) => {
                self.turn();
                // What `Retry-After` asks of a client.
                sleep(Duration::from_secs(1)).await;
                Next::Again
            }
            Answer::Broken if now == Life::Storm => {
                self.turn();
                sleep(TURN).await;
                Next::Again
            }
            Answer::Broken => {
                if now == before && matches!(now, Life::Up(_)) {
                    let surprise = format!("{}: the connection broke", attempt.request_id);
                    self.journal.surprises.push(surprise);
                }
                let back = self
                    .life
                    .wait_for(|life| !matches!(life, Life::Down(_)))
                    .await;
                match back.map(|life| *life) {
                    Ok(Life::Up(_) | Life::Down(_) | Life::Storm) => Next::Again,
                    Ok(Life::Over) | Err(_) => Next::Gone,
                }
            }
        }
    }

    /// Turns to the next of several processes.
    fn turn(&mut self) {
        if self.common.urls.len() > 1 {
            self.at += 1;
            self.client.1 = self.common.client(self.at);
        }
    }

    /// In a storm, what was taken and not decided in time is cancelled every other time.
    fn cancel(&mut self, ticket: &Ticket) -> Option<Ticket> {
        if *self.life.borrow() != Life::Storm {
            return None;
        }
        let Answer::NotNow(Some(id)) = &ticket.attempts.last()?.answer else {
            return None;
        };
        self.wisher.dice().once_in(2).then(|| Ticket {
            wish: Wish::cancel(id),
            key: None,
            attempts: Vec::new(),
        })
    }

    fn learn(&mut self, ticket: &Ticket) {
        let Some(noun) = ticket.wish.makes else {
            return;
        };
        let made = |told: &Told| matches!(told.status, 200 | 201);
        if let Some((_, told)) = ticket.told().find(|(_, told)| made(told)) {
            self.wisher.has_made(noun, ground::text(&told.body, "id"));
        }
    }
}
