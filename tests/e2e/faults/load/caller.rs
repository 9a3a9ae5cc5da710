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
use super::journal::{Answer, Attempt, Ticket, Told};
use super::wish::{Sender, Wish, Wisher};

/// So many answers of "not now", one after the other, are an outage.
const PATIENCE: usize = 60;

/// What all callers of a load share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) url: String,
    pub(crate) admin: String,
    pub(crate) reader: String,
    /// Wishes that are still to be had.
    pub(crate) left: AtomicUsize,
    /// Definite answers that came.
    pub(crate) answered: watch::Sender<usize>,
    /// Whether nobody is to ask for anything new.
    pub(crate) pause: watch::Sender<bool>,
    /// Callers who ask for nothing now.
    pub(crate) at_rest: watch::Sender<usize>,
}

#[derive(Debug)]
pub(crate) struct Caller {
    name: String,
    common: Arc<Common>,
    life: watch::Receiver<Life>,
    wisher: Wisher,
    /// Connections are those of one life of the server.
    client: (u32, Client),
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
    ) -> Self {
        let client = (life.borrow().number(), Client::new(&common.url));
        Self {
            name,
            common,
            life,
            wisher,
            client,
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
                && self.wisher.dice().once_in(2);
            let key = keyed.then(|| format!("{}-key-{}", self.name, self.journal.tickets.len()));
            let mut ticket = Ticket {
                wish,
                key,
                attempts: Vec::new(),
            };
            let gone = !self.carry(&mut ticket).await;
            self.learn(&ticket);
            self.journal.tickets.push(ticket);
            if gone {
                break;
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
        for _ in 0..PATIENCE {
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
        let surprise = format!("no answer in {PATIENCE} tries: {:?}", ticket.wish);
        self.journal.surprises.push(surprise);
        true
    }

    /// The id of the next request; the connections are of the life that is led now.
    fn prepare(&mut self) -> String {
        let life = self.life.borrow().number();
        if self.client.0 != life {
            self.client = (life, Client::new(&self.common.url));
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
        let answer = match request.try_send().await {
            Ok(response) => Answer::of(&response),
            Err(_broken) => Answer::Broken,
        };
        Attempt { request_id, answer }
    }

    async fn next(&mut self, attempt: &Attempt, before: Life) -> Next {
        let now = *self.life.borrow();
        match &attempt.answer {
            Answer::Told(_) => {
                self.common.answered.send_modify(|count| *count += 1);
                Next::Done
            }
            Answer::Broken | Answer::NotNow if now == Life::Over => Next::Gone,
            Answer::NotNow => {
                // What `Retry-After` asks of a client.
                sleep(Duration::from_secs(1)).await;
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
                    Ok(Life::Up(_) | Life::Down(_)) => Next::Again,
                    Ok(Life::Over) | Err(_) => Next::Gone,
                }
            }
        }
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
