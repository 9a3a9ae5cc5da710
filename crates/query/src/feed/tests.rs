//! The machines of the feed, step by step.

use core::time::Duration;
use std::sync::Arc;

use chrono::DateTime;
use writ_domain::{Offset, Outcome, Partition, Position, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_store::entries::{Entry, Head, Heads, Window};

use super::cursor::{Cursor, Hearing, Next, resume};
use super::page::head_of;
use super::poll::{Asks, Passing, Poll};
use super::ring::{Heard, Rings, Told};

const QUIET: Duration = Duration::from_secs(1);
const LIFETIME: Duration = Duration::from_mins(1);
const PAGE: u32 = 3;

fn tenant() -> TenantId {
    TenantId::from_stored("a").unwrap()
}

fn entry(seq: u64) -> Entry {
    Entry {
        position: Position {
            partition: Partition(0),
            seq: Seq(seq),
        },
        tenant: tenant(),
        tenant_seq: TenantSeq(seq),
        offset: Offset(seq - 1),
        time: DateTime::UNIX_EPOCH,
        command_id: None,
        kind: "CreateRole".to_owned(),
        subject: "ann".to_owned(),
        submission: None,
        outcome: Outcome::Unchanged,
        facts: Vec::new(),
        rules_version: 1,
        leaf: Hash::ZERO,
        chain: Hash([1; 32]),
    }
}

fn head(seq: u64) -> Head {
    head_of(&entry(seq))
}

fn cursor(after: u64) -> Cursor {
    let mut cursor = Cursor::new(TenantSeq(after), Duration::ZERO, (QUIET, LIFETIME));
    assert_eq!(cursor.wants(), Next::Hello);
    cursor
}

fn reads(after: u64, up_to: u64) -> Next {
    Next::Read {
        after: TenantSeq(after),
        up_to: TenantSeq(up_to),
    }
}

fn page(cursor: &mut Cursor, numbers: impl IntoIterator<Item = u64>) {
    let mut read = 0;
    for number in numbers {
        cursor.read(head(number));
        read += 1;
    }
    cursor.page_ended(read, PAGE);
}

fn is_listening(cursor: &mut Cursor) -> bool {
    matches!(cursor.wants(), Next::Listen { .. })
}

#[test]
fn a_reader_catches_up_then_reads_up_to_the_ring_and_then_listens() {
    let mut cursor = cursor(2);
    assert_eq!(cursor.wants(), reads(2, u64::MAX));
    page(&mut cursor, 3..=5);
    assert_eq!(cursor.wants(), reads(5, u64::MAX), "there may be more");
    page(&mut cursor, 6..=7);
    assert_eq!(cursor.wants(), Next::Subscribe);
    // 8 and 9 were committed after the page and before the ring was joined.
    cursor.joined(TenantSeq(9));
    assert_eq!(cursor.wants(), reads(7, 9));
    page(&mut cursor, 8..=8);
    assert_eq!(
        cursor.wants(),
        reads(8, 9),
        "a page is bounded by its bytes too"
    );
    page(&mut cursor, 9..=9);
    assert!(is_listening(&mut cursor));
    assert_eq!(cursor.hear(head(9)), Hearing::Seen);
    assert_eq!(cursor.hear(head(10)), Hearing::Next);
    assert_eq!(cursor.hear(head(10)), Hearing::Seen);
    assert_eq!(
        (cursor.at(), cursor.seen()),
        (TenantSeq(10), Some(head(10)))
    );
}

#[test]
fn a_number_that_the_ring_skips_is_read_from_the_store() {
    let mut cursor = cursor(0);
    page_and_join(&mut cursor, 0);
    assert_eq!(cursor.hear(head(2)), Hearing::Skipped);
    assert_eq!(cursor.wants(), reads(0, u64::MAX));
    page(&mut cursor, 1..=2);
    assert_eq!(cursor.wants(), Next::Subscribe);
}

fn page_and_join(cursor: &mut Cursor, come_to: u64) {
    cursor.wants();
    page(cursor, 1..=come_to.min(2));
    assert_eq!(cursor.wants(), Next::Subscribe);
    cursor.joined(TenantSeq(come_to));
    assert!(is_listening(cursor));
}

#[test]
fn a_stream_ends_when_the_ledger_was_put_back_to_before_the_ring() {
    let mut cursor = cursor(2);
    cursor.wants();
    page(&mut cursor, []);
    assert_eq!(cursor.wants(), Next::Subscribe);
    cursor.joined(TenantSeq(5));
    assert_eq!(cursor.wants(), reads(2, 5));
    page(&mut cursor, []);
    assert_eq!(cursor.wants(), Next::Over);
}

#[test]
fn a_checkpoint_is_due_after_quiet_and_a_reader_is_renewed_at_its_end() {
    let mut cursor = cursor(0);
    assert!(!cursor.is_quiet(Duration::from_millis(999)));
    assert!(cursor.is_quiet(QUIET));
    cursor.spoke(Duration::from_millis(1_500));
    page_and_join(&mut cursor, 0);
    let listens = Next::Listen {
        speak_at: Duration::from_millis(2_500),
        ends_at: LIFETIME,
    };
    assert_eq!(cursor.wants(), listens);
    cursor.end();
    assert!(cursor.is_over() && cursor.wants() == Next::Over);
}

#[test]
fn a_reader_resumes_after_what_it_saw_last() {
    let rows = [
        (None, Some(7)),
        (Some(""), Some(7)),
        (Some("0"), Some(0)),
        (Some("12"), Some(12)),
        (Some("+12"), None),
        (Some("-1"), None),
        (Some("x"), None),
        (Some("18446744073709551616"), None),
    ];
    for (last, expected) in rows {
        let resumed = resume(TenantSeq(7), last);
        assert_eq!(resumed, expected.map(TenantSeq), "{last:?}");
    }
}

fn told(numbers: impl IntoIterator<Item = u64>) -> Vec<Arc<Told>> {
    let tell = |number| Arc::new(Told::new(entry(number)).unwrap());
    numbers.into_iter().map(tell).collect()
}

fn number(heard: &Heard) -> Result<u64, &'static str> {
    match heard {
        Heard::Told(told) => Ok(told.entry.tenant_seq.0),
        Heard::Nothing => Err("nothing"),
        Heard::Lagged => Err("lagged"),
        Heard::Closed => Err("closed"),
    }
}

#[test]
fn a_ring_gives_what_comes_after_where_it_begins() {
    let heads = Heads::new();
    let mut rings = Rings::new(4);
    assert!(rings.join(&tenant()).is_none());
    let mut first = rings.begin(&tenant(), heads.watch(&tenant()), Some(head(5)));
    assert_eq!(first.come_to(), TenantSeq(5));
    assert_eq!(rings.behind(false), []);
    heads.committed(&[entry(6), entry(7)]);
    assert_eq!(rings.behind(false), [(tenant(), TenantSeq(5))]);
    rings.tell(&tenant(), told(6..=7));
    assert_eq!(rings.behind(false), []);

    let mut second = rings.join(&tenant()).unwrap();
    assert_eq!(second.come_to(), TenantSeq(7));
    assert_eq!(number(&second.take()), Err("nothing"));
    rings.tell(&tenant(), told(8..=8));
    assert_eq!([6, 7, 8].map(Ok), [(); 3].map(|()| number(&first.take())));
    assert_eq!(number(&second.take()), Ok(8));
}

#[test]
fn who_is_slower_than_the_ring_is_long_is_told_so() {
    let mut rings = Rings::new(4);
    let watch = Heads::new().watch(&tenant());
    let mut slow = rings.begin(&tenant(), watch, None);
    rings.tell(&tenant(), told(1..=5));
    assert_eq!(number(&slow.take()), Err("lagged"));
    drop(slow);
    assert_eq!(rings.behind(true), [], "nobody streams it any more");
    assert!(rings.join(&tenant()).is_none());
}

fn window(after: u64, up_to: u64, limit: u32) -> Window {
    Window {
        after: TenantSeq(after),
        up_to: TenantSeq(up_to),
        limit,
    }
}

/// What a poll reads of a ledger, of which only some numbers pass.
fn read(poll: &mut Poll, window: Window, passes: &dyn Fn(u64) -> bool) -> Option<Vec<u64>> {
    let mut passing = Passing::new(window, false);
    while let Some(window) = passing.next() {
        let end = window.up_to.0.min(window.after.0 + u64::from(window.limit));
        let found = (window.after.0 + 1..=end).map(entry).collect();
        passing.read(found, |entry| passes(entry.tenant_seq.0));
    }
    let answer = poll.read(passing.passed())?;
    Some(
        answer
            .entries
            .iter()
            .map(|entry| entry.tenant_seq.0)
            .collect(),
    )
}

#[test]
fn a_poll_goes_on_from_where_everything_was_looked_at() {
    let mut poll = Poll::new(TenantSeq(2), head(9), 3);
    assert_eq!(poll.asks(), Asks::Read(window(2, 9, 3)));
    let even = |number: u64| number.is_multiple_of(2);
    assert_eq!(read(&mut poll, window(2, 9, 3), &even), Some(vec![4, 6, 8]));
    assert_eq!(poll.nothing().at, TenantSeq(8), "9 was not looked at");
}

#[test]
fn a_poll_waits_only_for_what_comes_after_all_it_looked_at() {
    let mut poll = Poll::new(TenantSeq(3), head(3), 3);
    assert_eq!(poll.asks(), Asks::Wait(TenantSeq(3)));
    poll.moved(head(5));
    assert_eq!(poll.asks(), Asks::Read(window(3, 5, 3)));
    assert_eq!(read(&mut poll, window(3, 5, 3), &|_| false), None);
    assert_eq!(poll.asks(), Asks::Wait(TenantSeq(5)));
    let nothing = poll.nothing();
    assert_eq!((nothing.at, nothing.seen), (TenantSeq(5), Some(head(5))));
}

#[test]
fn a_poll_is_bounded_although_nothing_passes() {
    let mut poll = Poll::new(TenantSeq(0), head(25_000), 3);
    assert_eq!(
        read(&mut poll, window(0, 25_000, 3), &|_| false),
        Some(vec![])
    );
    assert_eq!(poll.nothing().at, TenantSeq(10_000));
}
