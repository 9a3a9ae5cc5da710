//! Pages of the feed through a filter.

use writ_domain::TenantId;
use writ_store::Store;
use writ_store::entries::{self, Entry, Head, Window};

use super::Filter;

/// Entries that one page looks at, at most.
const LOOKED_AT_MAX: u32 = 10_000;
/// Entries that are read at once where not all may pass.
const READ_AT_ONCE: u32 = 1_000;

/// Some of what passes, and how far that is everything.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) entries: Vec<Entry>,
    /// The last entry that was looked at; `None` where there was none.
    pub(crate) looked_at: Option<Head>,
}

/// What passes of the entries after one, up to another, as many as are wanted.
///
/// It looks at a bounded number of entries: nothing may pass, and there may be more all the same.
pub(crate) async fn passed(
    store: &Store,
    tenant: &TenantId,
    window: Window,
    filter: &Filter,
) -> Result<Passed, writ_store::Error> {
    let mut passed = Passed {
        entries: Vec::new(),
        looked_at: None,
    };
    let wanted = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let mut after = window.after;
    let end = window.after.0.saturating_add(u64::from(LOOKED_AT_MAX));
    while after < window.up_to && after.0 < end && passed.entries.len() < wanted {
        let limit = if filter.is_open() {
            window.limit
        } else {
            READ_AT_ONCE
        };
        let read = Window {
            after,
            limit,
            ..window
        };
        let found = entries::changes(store, tenant, read).await?;
        let Some(last) = found.last() else { break };
        after = last.tenant_seq;
        for entry in found {
            if passed.entries.len() >= wanted {
                break;
            }
            passed.looked_at = Some(head_of(&entry));
            if filter.passes(&entry) {
                passed.entries.push(entry);
            }
        }
        if filter.is_open() {
            break;
        }
    }
    Ok(passed)
}

/// What of an entry a checkpoint says.
pub(crate) fn head_of(entry: &Entry) -> Head {
    Head {
        tenant_seq: entry.tenant_seq,
        chain8: entry.chain8(),
        time: entry.time,
    }
}
