//! Connections and transactions.

use std::collections::BTreeMap;

use writ_domain::{Offset, Partition, State, TenantId};
use writ_store::Error as StoreError;
use writ_store::ledger::{Batch, Cursor, Error, Lease, Wanted};

use super::{Answer, Data, Question, Reply, SessionId, Statement, Wrong};
use crate::{ActorId, Moment};

/// The store: what is committed, and who is connected.
#[derive(Debug)]
pub struct Ledger {
    data: Data,
    sessions: BTreeMap<SessionId, Session>,
    locks: BTreeMap<Partition, SessionId>,
    opened: u64,
    /// The most that was ever decided of each partition, whatever became of it.
    highest: BTreeMap<Partition, Offset>,
}

#[derive(Debug)]
struct Session {
    holder: ActorId,
    lease: Lease,
    /// The partition whose cursor a transaction has locked, and when it spoke last.
    open: Option<(Partition, Moment)>,
    /// Its client is gone, and what it sent last is still to be carried out.
    detached: bool,
}

/// What became of a statement.
#[derive(Debug)]
pub enum Executed {
    /// It is answered.
    Answered(Answer),
    /// The row that it changes is locked: it waits.
    Waits(Partition),
    /// What was to be written contradicts what is there: a bug, whoever's it is.
    Contradicted(Wrong),
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ordered(&'static str);

/// An error after which nothing was committed.
pub(crate) fn unavailable(what: &'static str) -> Error {
    Error::Store(StoreError::Unavailable {
        source: Box::new(Ordered(what)),
    })
}

/// An error after which it is not known whether anything was committed.
pub(crate) fn unknown(what: &'static str) -> Error {
    Error::CommitUnknown {
        source: StoreError::Unavailable {
            source: Box::new(Ordered(what)),
        },
    }
}

const GONE: &str = "the connection is gone";

impl Ledger {
    /// A store of which nothing is decided.
    #[must_use]
    pub fn new(partitions: u16) -> Self {
        Self {
            data: Data::new(partitions),
            sessions: BTreeMap::new(),
            locks: BTreeMap::new(),
            opened: 0,
            highest: BTreeMap::new(),
        }
    }

    /// What is committed.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The same, for what is no statement of an owner.
    pub fn data_mut(&mut self) -> &mut Data {
        &mut self.data
    }

    /// Whether something was decided that is not in the store any more.
    #[must_use]
    pub fn is_behind(&self, partition: Partition) -> bool {
        let highest = self.highest.get(&partition);
        let stands = self.data.cursor(partition).map(|cursor| cursor.next_offset);
        highest.copied() > stands
    }

    /// The most that was ever decided of a partition.
    #[must_use]
    pub fn highest(&self, partition: Partition) -> Offset {
        self.highest.get(&partition).copied().unwrap_or(Offset(0))
    }

    /// Puts the store back; every connection ends.
    pub fn put_back(&mut self, data: Data) {
        for number in 0..data.partitions() {
            let partition = Partition(number);
            if let Some(cursor) = data.cursor(partition) {
                let highest = self.highest.entry(partition).or_insert(cursor.next_offset);
                *highest = cursor.next_offset.max(*highest);
            }
        }
        self.data = data;
        self.sessions.clear();
        self.locks.clear();
    }

    /// Connects.
    pub fn open(&mut self, holder: ActorId, lease: Lease) -> SessionId {
        self.opened += 1;
        let id = SessionId(self.opened);
        let session = Session {
            holder,
            lease,
            open: None,
            detached: false,
        };
        self.sessions.insert(id, session);
        id
    }

    /// Ends a connection: its transaction has no effect, unless it is to be carried out all the same.
    pub fn close(&mut self, session: SessionId) {
        if self
            .sessions
            .get(&session)
            .is_some_and(|session| session.detached)
        {
            return;
        }
        self.cut(session);
    }

    /// Ends a connection, whatever is to come of it.
    pub fn cut(&mut self, session: SessionId) {
        self.end(session);
        self.sessions.remove(&session);
    }

    /// Its client is gone; its transaction goes on until [`cut`](Self::cut).
    pub fn detach(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.get_mut(&session) {
            session.detached = true;
        }
    }

    /// Whether a partition's lease has run out and is still another's.
    #[must_use]
    pub fn is_forsaken(&self, partition: Partition, now: Moment) -> bool {
        self.data.is_forsaken(partition, now)
    }

    /// Ends the connections of a process that is no more.
    pub fn close_all(&mut self, holder: ActorId) {
        let of_holder =
            |(id, session): (&SessionId, &Session)| (session.holder == holder).then_some(*id);
        let ended: Vec<SessionId> = self.sessions.iter().filter_map(of_holder).collect();
        for session in ended {
            self.close(session);
        }
    }

    /// Whether a session has a transaction that said nothing since `since`.
    #[must_use]
    pub fn is_idle(&self, session: SessionId, since: Moment) -> bool {
        let open = self.sessions.get(&session).and_then(|session| session.open);
        open.is_some_and(|(_, spoke)| spoke <= since)
    }

    /// The partition that a session has locked.
    #[must_use]
    pub fn locked_by(&self, session: SessionId) -> Option<Partition> {
        let open = self.sessions.get(&session)?.open;
        open.map(|(partition, _)| partition)
    }

    /// For how long a transaction may be idle, or wait for a lock.
    #[must_use]
    pub fn patience(&self, session: SessionId) -> core::time::Duration {
        let session = self.sessions.get(&session);
        session.map_or(core::time::Duration::ZERO, |session| {
            session.lease.duration / 2
        })
    }

    /// Loads within a transaction; what it teaches goes into `states`.
    pub fn load(
        &self,
        session: SessionId,
        wanted: Vec<Wanted>,
        states: &mut BTreeMap<TenantId, State>,
    ) -> Result<(), Error> {
        if self.locked_by(session).is_none() {
            return Err(unavailable(GONE));
        }
        self.data.load(wanted, states);
        Ok(())
    }

    /// Carries a statement out.
    pub fn execute(&mut self, id: SessionId, statement: &Statement, now: Moment) -> Executed {
        let Some(session) = self.sessions.get(&id) else {
            let commits = matches!(statement, Statement::Commit(_));
            let gone = if commits { unknown } else { unavailable };
            return Executed::Answered(Err(gone(GONE)));
        };
        let lease = session.lease.clone();
        if let Some(partition) = changed(statement)
            && self
                .locks
                .get(&partition)
                .is_some_and(|holder| *holder != id)
        {
            return Executed::Waits(partition);
        }
        let until = now.after(lease.duration);
        Executed::Answered(match statement {
            Statement::Claim(partition) => Ok(Reply::Claimed(self.claim(*partition, lease, now))),
            Statement::Renew(cursor) => match self.owned(cursor) {
                Some(place) => {
                    place.lease_until = until;
                    Ok(Reply::Done)
                }
                None => Err(fenced(cursor)),
            },
            Statement::Release(cursor) => {
                if let Some(place) = self.owned(cursor) {
                    (place.owner, place.lease_until) = (None, Moment::default());
                }
                Ok(Reply::Done)
            }
            Statement::Halt(cursor, why) => {
                if let Some(place) = self.owned(cursor) {
                    (place.owner, place.lease_until) = (None, Moment::default());
                    place.halted = Some(why.clone());
                }
                Ok(Reply::Done)
            }
            Statement::Recover(cursor) => {
                if let Some(place) = self.owned(cursor) {
                    place.halted = None;
                }
                Ok(Reply::Done)
            }
            Statement::IsHalted(partition) => Ok(Reply::Is(self.data.halted(*partition).is_some())),
            Statement::Begin(cursor) => self.begin(id, cursor, now),
            Statement::Heads(tenants) => self
                .spoken(id, now)
                .map(|()| Reply::Heads(self.data.heads(tenants))),
            Statement::Load => self.spoken(id, now).map(|()| Reply::Done),
            Statement::Rollback => {
                self.end(id);
                Ok(Reply::Done)
            }
            Statement::Commit(batch) => return self.commit(id, batch, until),
            Statement::Rebase(moved) => self.rebase(moved),
        })
    }

    fn commit(&mut self, id: SessionId, batch: &Batch, until: Moment) -> Executed {
        let partition = batch.before.partition;
        if self.locked_by(id) != Some(partition) {
            return Executed::Answered(Err(unknown(GONE)));
        }
        self.end(id);
        if !self.stands(&batch.before) {
            return Executed::Answered(Err(fenced(&batch.before)));
        }
        if let Err(mismatch) = self.data.write(batch) {
            return Executed::Contradicted(mismatch);
        }
        if let Some(place) = self.data.place(partition) {
            place.lease_until = until;
        }
        let reached = batch.after.next_offset;
        let highest = self.highest.entry(partition).or_insert(reached);
        *highest = reached.max(*highest);
        Executed::Answered(Ok(Reply::Done))
    }

    /// Answers a reader.
    pub fn ask(&mut self, question: Question, now: Moment) -> Result<Reply, Wrong> {
        self.data.answer(question, now)
    }

    /// Ends a session's transaction.
    fn end(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id)
            && let Some((partition, _)) = session.open.take()
        {
            self.locks.remove(&partition);
        }
    }

    fn claim(&mut self, partition: Partition, lease: Lease, now: Moment) -> Option<Cursor> {
        let place = self.data.place(partition)?;
        let owner = place.owner.as_ref();
        let free = owner.is_none_or(|owner| *owner == lease.owner) || place.lease_until < now;
        if !free {
            return None;
        }
        place.owner = Some(lease.owner);
        place.lease_until = now.after(lease.duration);
        place.cursor.owner_epoch += 1;
        Some(place.cursor.clone())
    }

    fn owned(&mut self, cursor: &Cursor) -> Option<&mut super::data::Place> {
        let place = self.data.place(cursor.partition)?;
        (place.cursor.owner_epoch == cursor.owner_epoch).then_some(place)
    }

    fn stands(&self, cursor: &Cursor) -> bool {
        let stored = self.data.cursor(cursor.partition);
        stored.is_some_and(|stored| {
            stored.owner_epoch == cursor.owner_epoch && stored.next_offset == cursor.next_offset
        })
    }

    fn begin(&mut self, id: SessionId, cursor: &Cursor, now: Moment) -> Answer {
        if !self.stands(cursor) {
            return Err(fenced(cursor));
        }
        self.locks.insert(cursor.partition, id);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.open = Some((cursor.partition, now));
        }
        Ok(Reply::Done)
    }

    fn spoken(&mut self, id: SessionId, now: Moment) -> Result<(), Error> {
        let open = self
            .sessions
            .get_mut(&id)
            .and_then(|session| session.open.as_mut());
        let (_, spoke) = open.ok_or_else(|| unavailable("there is no transaction"))?;
        *spoke = now;
        Ok(())
    }

    fn rebase(&mut self, moved: &[(Cursor, writ_envelope::Hash)]) -> Answer {
        for (cursor, _) in moved {
            if !self.stands(cursor) {
                return Err(fenced(cursor));
            }
        }
        for (cursor, anchor) in moved {
            if let Some(place) = self.data.place(cursor.partition) {
                place.cursor.anchor = Some(*anchor);
                place.cursor.restoring = true;
                place.halted = None;
            }
        }
        Ok(Reply::Done)
    }
}

fn fenced(cursor: &Cursor) -> Error {
    Error::Fenced {
        partition: cursor.partition,
    }
}

/// The partition whose row a statement locks or changes.
fn changed(statement: &Statement) -> Option<Partition> {
    match statement {
        Statement::Claim(partition) => Some(*partition),
        Statement::Renew(cursor)
        | Statement::Release(cursor)
        | Statement::Halt(cursor, _)
        | Statement::Recover(cursor)
        | Statement::Begin(cursor) => Some(cursor.partition),
        Statement::Commit(batch) => Some(batch.before.partition),
        Statement::Rebase(moved) => moved.first().map(|(cursor, _)| cursor.partition),
        Statement::IsHalted(_) | Statement::Heads(_) | Statement::Load | Statement::Rollback => {
            None
        }
    }
}
