//! What clients asked, and what they were answered.

use std::sync::{Arc, Mutex, MutexGuard};

use writ_command::Decided;
use writ_domain::{CommandId, GenericUuid as _};

use crate::script::{Ask, CLIENTS};

/// One thing that was asked, perhaps more than once.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) ask: Ask,
    /// The ids that it was sent under; without a key it is always the same one.
    pub(crate) ids: Vec<CommandId>,
    /// When it was sent first.
    pub(crate) sent_at: u64,
    pub(crate) answer: Option<Answer>,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) decided: Decided,
    /// When it was answered.
    pub(crate) at: u64,
}

/// What the clients know, which outlives every process. Clones are of the same book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    of_client: [Vec<Asked>; CLIENTS],
    /// Counts what clients do, all of them together.
    now: u64,
    ids: u64,
}

impl Pages {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn new_id(&mut self) -> CommandId {
        self.ids += 1;
        let bits = (0x7000 << 64) | 0x8000_0000_0000_0000 | u128::from(self.ids);
        CommandId::from_untyped_uuid(uuid::Uuid::from_u128(bits))
    }
}

impl Book {
    /// How many things each client has asked at least.
    pub(crate) fn least(&self) -> usize {
        let pages = self.lock();
        pages.of_client.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// The next thing of a client, up to `limit` of them: what was not answered is asked again,
    /// under a new id if it has a key. `None` if all is answered.
    pub(crate) fn send(&self, client: usize, limit: usize) -> Option<(Ask, CommandId)> {
        let mut pages = self.lock();
        let now = pages.tick();
        let new_id = pages.new_id();
        let asked = &mut pages.of_client[client];
        if let Some(again) = asked.last_mut().filter(|last| last.answer.is_none()) {
            if again.ask.key().is_some() {
                again.ids.push(new_id);
            }
            return Some((again.ask, *again.ids.last().unwrap()));
        }
        let number = asked.len();
        let ask = Ask { client, number };
        (number < limit).then(|| {
            asked.push(Asked {
                ask,
                ids: vec![new_id],
                sent_at: now,
                answer: None,
            });
            (ask, new_id)
        })
    }

    /// A client is answered.
    pub(crate) fn answered(&self, client: usize, decided: Decided) {
        let mut pages = self.lock();
        let at = pages.tick();
        let asked = pages.of_client[client].last_mut().unwrap();
        asked.answer = Some(Answer { decided, at });
    }

    /// All that was asked.
    pub(crate) fn all(&self) -> Vec<Asked> {
        self.lock().of_client.concat()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }
}
