//! Given what happened, when somebody asks, then this.

use core::slice;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Happened, Record, Store, decide_batch, fold, id};
use crate::state::Draft;
use crate::{
    Actor, Command, CommandId, Denial, Expected, Fact, Idempotency, Namespace, NamespaceKey,
    Outcome, Rejection, Settled, Stamp, State, Submission, TenantId, TenantSeq, touches,
};

/// What was asked, by whom and when.
#[derive(Debug, Clone)]
pub(crate) struct Asked(Record);

impl Asked {
    /// Ann asks, at the beginning of time, under an id that nobody else uses.
    pub(crate) fn new(command: Command) -> Self {
        let stamp = Stamp {
            command_id: id(0),
            tenant: TenantId::try_new("t").unwrap(),
            actor: Actor {
                subject: "ann".to_owned(),
                ..Actor::default()
            },
            reason: None,
            ticket: None,
            request_id: None,
            not_after: None,
            idempotency: None,
            expected: None,
        };
        let submission = Submission { stamp, command };
        let time = DateTime::<Utc>::UNIX_EPOCH;
        Self(Record { submission, time })
    }

    pub(crate) fn id(mut self, id: CommandId) -> Self {
        self.0.submission.stamp.command_id = id;
        self
    }

    pub(crate) fn by(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.0.submission.stamp.actor.subject);
        self
    }

    /// With an idempotency key, for a request of this fingerprint.
    pub(crate) fn key(mut self, key: &str, fingerprint: u8) -> Self {
        self.0.submission.stamp.idempotency = Some(Idempotency {
            key: key.to_owned(),
            fingerprint: [fingerprint; 32],
        });
        self
    }

    /// Expecting this of the noun that the command is about.
    pub(crate) fn expecting(mut self, expected: Expected) -> Self {
        self.0.submission.stamp.expected = Some(expected);
        self
    }

    /// At this log time after the beginning.
    pub(crate) fn after(mut self, time: TimeDelta) -> Self {
        self.0.time = DateTime::<Utc>::UNIX_EPOCH + time;
        self
    }

    /// Without effect past this log time after the beginning.
    pub(crate) fn not_after(mut self, time: TimeDelta) -> Self {
        self.0.submission.stamp.not_after = Some(DateTime::<Utc>::UNIX_EPOCH + time);
        self
    }

    /// With this done to the stamp.
    pub(crate) fn stamped(mut self, stamp: impl FnOnce(&mut Stamp)) -> Self {
        stamp(&mut self.0.submission.stamp);
        self
    }

    pub(crate) fn record(self) -> Record {
        self.0
    }
}

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self::new(command)
    }
}

/// What happened so far, as everybody knows it.
#[derive(Debug)]
pub(crate) struct Given {
    complete: State,
    store: Store,
    /// A cache that has seen everything since the beginning.
    cache: State,
    at: TenantSeq,
}

/// Given that this happened: an entry each, the first at 1.
pub(crate) fn given(past: impl IntoIterator<Item = Happened>) -> Given {
    let mut given = Given {
        complete: State::genesis(),
        store: Store::default(),
        cache: State::unknown(),
        at: TenantSeq::ZERO,
    };
    for happened in past {
        let at = given.at.next().unwrap();
        let facts = facts(&given.complete, at, [happened]);
        let nothing = Asked::new(Command::Batch(Vec::new()))
            .id(unused(at))
            .record();
        let mut entry = fold(&mut given.complete, &nothing, at);
        entry.changes = given.complete.apply(&facts, at).unwrap();
        entry.settled = Settled {
            outcome: Outcome::Applied,
            facts,
            ..entry.settled
        };
        given.store.commit([&entry]);
        given.at = at;
    }
    given
}

/// An id that no test says.
fn unused(at: TenantSeq) -> CommandId {
    id(1_000_000 + at.0)
}

fn facts(state: &State, at: TenantSeq, happened: impl IntoIterator<Item = Happened>) -> Vec<Fact> {
    let mut draft = Draft::new(state, at);
    for happened in happened {
        happened.tell(&mut draft);
    }
    draft.into_facts()
}

impl Given {
    /// And the product's own API of this id and identifier.
    pub(crate) fn with_system_api(mut self, realm: crate::Realm, id: &str) -> Self {
        let row = Namespace {
            realm,
            id: id.to_owned(),
            identifier: id.to_owned(),
            name: None,
            settings: crate::Settings::new(),
            system: true,
            declared: true,
        };
        let key = NamespaceKey::minted(TenantSeq(1), 1_000).unwrap();
        self.complete.learn_row(key, row.clone(), TenantSeq(1));
        self.cache.learn_row(key, row.clone(), TenantSeq(1));
        self.store.insert_namespace(key, row, TenantSeq(1));
        self
    }

    /// When somebody asks for this. Complete and incomplete states give one answer.
    pub(crate) fn when(mut self, asked: impl Into<Asked>) -> Then {
        let Asked(mut record) = asked.into();
        let at = self.at.next().unwrap();
        if record.submission.stamp.command_id == id(0) {
            record.submission.stamp.command_id = unused(at);
        }
        let before = self.complete.clone();
        let entry = fold(&mut self.complete, &record, at);
        assert_eq!(
            fold(&mut before.clone(), &record, at),
            entry,
            "decided again"
        );
        for primed in [true, false] {
            let mut cache = State::unknown();
            let learned = decide_batch(
                &self.store,
                &mut cache,
                slice::from_ref(&record),
                at,
                primed,
            );
            assert_eq!(
                learned,
                slice::from_ref(&entry),
                "decided on what was learned"
            );
        }
        let cached = decide_batch(&self.store, &mut self.cache, &[record], at, true);
        assert_eq!(cached, slice::from_ref(&entry), "decided on the cache");
        self.store.commit(&cached);
        let rows: Vec<_> = self.complete.live_rows().collect();
        assert_eq!(rows, self.store.live_rows());
        self.at = at;
        Then {
            before,
            entry,
            after: self,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Then {
    before: State,
    pub(crate) entry: Entry,
    after: Given,
}

impl Then {
    /// Then exactly this happened, in this order.
    pub(crate) fn then(self, happened: impl IntoIterator<Item = Happened>) -> Given {
        let facts = facts(&self.before, self.after.at, happened);
        assert_eq!(self.entry.settled.facts, facts);
        self.then_applied()
    }

    pub(crate) fn then_applied(self) -> Given {
        assert_ne!(self.entry.settled.facts, []);
        self.then_ended(&Outcome::Applied)
    }

    pub(crate) fn then_unchanged(self) -> Given {
        self.then_nothing(&Outcome::Unchanged)
    }

    pub(crate) fn then_rejected(self, rejection: Rejection) -> Given {
        self.then_nothing(&Outcome::Rejected(rejection))
    }

    pub(crate) fn then_denied(self, denial: Denial) -> Given {
        self.then_nothing(&Outcome::Denied(denial))
    }

    pub(crate) fn then_expired(self) -> Given {
        self.then_nothing(&Outcome::Expired)
    }

    pub(crate) fn then_duplicate_of(self, of: u64) -> Given {
        self.then_nothing(&Outcome::Duplicate { of: TenantSeq(of) })
    }

    fn then_nothing(self, outcome: &Outcome) -> Given {
        assert_eq!(self.entry.settled.facts, []);
        assert_eq!(self.entry.changes, crate::state::Changes::default());
        self.then_ended(outcome)
    }

    fn then_ended(self, outcome: &Outcome) -> Given {
        assert_eq!(&self.entry.settled.outcome, outcome);
        self.after
    }
}

impl Given {
    /// And there are so many edges alive.
    pub(crate) fn with_edges(self, edges: usize) -> Self {
        assert_eq!(self.store.edges(), edges);
        self
    }

    /// A cache that knows just what a submission touches.
    pub(crate) fn learned(&self, submission: &Submission) -> State {
        let mut cache = State::unknown();
        self.store.load(touches(submission), &mut cache);
        cache
    }

    /// And nothing rests on what has ended: the sweep has gone by, and the cache is new.
    pub(crate) fn swept(mut self) -> Self {
        self.store.sweep();
        self.cache = State::unknown();
        self
    }
}
