//! From what was folded to chunks of rows, as a binary `COPY` takes them.
//!
//! ```text
//!   entry ──► its own row, position, outcome, nouns …     at once
//!         ──► an interval of history                      when it closes
//!   state ──► current rows, open intervals, keys          at the end
//! ```

use std::collections::BTreeMap;

use writ_domain::state::{Change, Changes, State};
use writ_domain::{Partition, TenantId, TenantSeq};
use writ_envelope::Hash;

use crate::ledger::Decided;
use crate::ledger::columns::Value;
use crate::ledger::entry_rows::{
    CANCELLED, DEAD_NOUNS, ENTRY, HEADS, IDEMPOTENCY_KEYS, NOUNS, OUTCOMES, POSITIONS,
    cancelled_rows, dead_rows, entry_row, head_row, key_row, noun_rows, outcome_row, position_row,
};
use crate::ledger::persist::{Folded, Kinds, current_row, each_kind, history_row};
use crate::ledger::rows::Stored;

/// Bytes in a chunk, about. What is folded and not yet copied is a few of these.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// Rows of several tables, ready to be copied.
#[derive(Debug, Default)]
pub struct Chunk {
    /// By the statement with which live folding inserts them.
    pub(super) tables: BTreeMap<&'static str, Vec<u8>>,
    bytes: usize,
}

/// Nobody takes chunks any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes what was folded")]
pub struct Stopped;

/// Takes a chunk over; may block until there is room for it.
type Send = Box<dyn FnMut(Chunk) -> Result<(), Stopped> + core::marker::Send>;

/// Turns what was folded into chunks, and hands each over when it is full.
pub struct Filler {
    chunk: Chunk,
    send: Send,
}

impl core::fmt::Debug for Filler {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Filler").finish_non_exhaustive()
    }
}

impl Filler {
    /// Hands chunks over to `send`, which may block until there is room.
    pub fn new(
        send: impl FnMut(Chunk) -> Result<(), Stopped> + core::marker::Send + 'static,
    ) -> Self {
        Self {
            chunk: Chunk::default(),
            send: Box::new(send),
        }
    }

    /// An entry: its rows, and what it closed.
    pub fn entry(&mut self, rules_version: u32, entry: &Decided) -> Result<(), Stopped> {
        self.push(ENTRY, &entry_row(rules_version, entry));
        self.push(POSITIONS, &position_row(entry));
        self.push_all(OUTCOMES, outcome_row(entry));
        self.push_all(CANCELLED, cancelled_rows(entry));
        self.push_all(NOUNS, noun_rows(entry));
        self.closed(&Folded::of(entry));
        self.hand_over_full()
    }

    /// An entry of which the views alone are wanted: what it closed.
    pub fn folded(&mut self, entry: &super::FoldedEntry) -> Result<(), Stopped> {
        self.closed(&entry.folded());
        self.hand_over_full()
    }

    /// The newest entry of a tenant.
    pub fn head(
        &mut self,
        tenant: &TenantId,
        placed: (Partition, TenantSeq, chrono::DateTime<chrono::Utc>),
        chain: &Hash,
    ) -> Result<(), Stopped> {
        self.push(HEADS, &head_row(tenant, placed, chain));
        self.hand_over_full()
    }

    /// The idempotency keys of a tenant, from its complete state.
    pub fn keys(&mut self, tenant: &TenantId, state: &State) -> Result<(), Stopped> {
        for (caller, key, used) in state.key_uses() {
            self.push(IDEMPOTENCY_KEYS, &key_row(tenant, (caller, key), used));
            self.hand_over_full()?;
        }
        Ok(())
    }

    /// The current rows of a tenant and the open intervals of their history, from its complete
    /// state.
    pub fn views(&mut self, tenant: &TenantId, state: &State) -> Result<(), Stopped> {
        struct Open<'a> {
            filler: &'a mut Filler,
            tenant: &'a TenantId,
            state: &'a State,
            result: Result<(), Stopped>,
        }
        impl Kinds for Open<'_> {
            fn kind<K: Stored>(&mut self, _of: fn(&Changes) -> &[Change<K>]) {
                for (key, row, changed) in self.state.rows::<K>() {
                    let current = current_row(self.tenant, key, row, changed);
                    let open = history_row(self.tenant, key, (changed, None), row);
                    self.filler.push(K::TABLE.insert, &current);
                    self.filler.push(K::TABLE.open, &open);
                    if self.result.is_ok() {
                        self.result = self.filler.hand_over_full();
                    }
                }
            }
        }
        let mut open = Open {
            filler: self,
            tenant,
            state,
            result: Ok(()),
        };
        each_kind(&mut open);
        open.result
    }

    /// Hands over what is left.
    pub fn finish(mut self) -> Result<(), Stopped> {
        self.hand_over()
    }

    fn closed(&mut self, entry: &Folded<'_>) {
        struct Closed<'a> {
            chunk: &'a mut Chunk,
            entry: &'a Folded<'a>,
        }
        impl Kinds for Closed<'_> {
            fn kind<K: Stored>(&mut self, of: fn(&Changes) -> &[Change<K>]) {
                for change in of(self.entry.changes) {
                    if let Some((row, from)) = &change.before {
                        let lived = (*from, Some(self.entry.at));
                        let row = history_row(self.entry.tenant, change.key, lived, row);
                        self.chunk.push(K::TABLE.open, &row);
                    }
                }
            }
        }
        each_kind(&mut Closed {
            chunk: &mut self.chunk,
            entry,
        });
        self.push_all(DEAD_NOUNS, dead_rows(entry));
    }

    fn push(&mut self, statement: &'static str, row: &[Value]) {
        self.chunk.push(statement, row);
    }

    fn push_all(&mut self, statement: &'static str, rows: impl IntoIterator<Item = Vec<Value>>) {
        for row in rows {
            self.chunk.push(statement, &row);
        }
    }

    fn hand_over_full(&mut self) -> Result<(), Stopped> {
        if self.chunk.bytes < CHUNK_BYTES {
            return Ok(());
        }
        self.hand_over()
    }

    fn hand_over(&mut self) -> Result<(), Stopped> {
        (self.send)(core::mem::take(&mut self.chunk))
    }
}

impl Chunk {
    fn push(&mut self, statement: &'static str, row: &[Value]) {
        let bytes = self.tables.entry(statement).or_insert_with(|| {
            // Signature, no flags, no extension.
            b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec()
        });
        let before = bytes.len();
        let fields = i16::try_from(row.len()).unwrap_or(i16::MAX);
        bytes.extend_from_slice(&fields.to_be_bytes());
        for value in row {
            encode(bytes, value);
        }
        self.bytes += bytes.len() - before;
    }
}

/// From 1970 to 2000, where Postgres begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

fn encode(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) | Value::MaybeText(Some(text)) => field(bytes, text.as_bytes()),
        Value::Big(number) | Value::MaybeBig(Some(number)) => field(bytes, &number.to_be_bytes()),
        Value::Int(number) => field(bytes, &number.to_be_bytes()),
        Value::Small(number) => field(bytes, &number.to_be_bytes()),
        Value::Flag(flag) => field(bytes, &[u8::from(*flag)]),
        Value::Bytes(value) => field(bytes, value),
        Value::Time(time) => {
            let micros = time.timestamp_micros().saturating_sub(EPOCH_MICROS);
            field(bytes, &micros.to_be_bytes());
        }
        Value::MaybeUuid(Some(uuid)) => field(bytes, uuid.as_bytes()),
        Value::MaybeText(None) | Value::MaybeBig(None) | Value::MaybeUuid(None) => {
            bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        }
    }
}

fn field(bytes: &mut Vec<u8>, value: &[u8]) {
    // Nothing in a record is near 2 GiB: a record has 4 MiB at most.
    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}
