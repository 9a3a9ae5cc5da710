//! What must hold of a ledger, whatever its processes went through.

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{CommandId, Offset, Outcome, Seq, TenantId, TenantSeq};
use writ_envelope::event::Told;
use writ_log::Log;
use writ_log_postgres::{Options, PostgresLog};
use writ_projector::verify;
use writ_store::entries::{self, Entry, Window};

use crate::book::Asked;
use crate::ledger::Ledger;
use crate::script::{CLIENTS, tenant};

/// Everything that can be said of a ledger whose log is decided and told to the end.
pub(crate) async fn check(ledger: &Ledger) {
    let log = PostgresLog::connect(ledger.config.clone(), Options::new(ledger.map.partitions()));
    let log = log.await.unwrap();
    let mut all = Vec::new();
    for partition in ledger.partitions() {
        let report = verify::partition(&ledger.store, Some(&log), &ledger.map, partition);
        let report = report.await.unwrap();
        assert!(report.is_clean(), "{report:?}");
        let entries = entries::scan(&ledger.store, partition, Seq(1), 100_000);
        let entries: Vec<Entry> = entries
            .await
            .unwrap()
            .into_iter()
            .map(|raw| raw.read().unwrap())
            .collect();
        let high = log.bounds(partition).await.unwrap().high;
        assert_eq!(entries.len() as u64, high.0, "records that have no entry");
        for (entry, seq) in entries.iter().zip(1..) {
            assert_eq!(entry.position.seq, Seq(seq), "a hole");
            assert_eq!(entry.offset, Offset(seq - 1), "another record");
        }
        relayed(ledger, &entries).await;
        all.extend(entries);
    }
    log.close().await;
    let tenants: BTreeSet<TenantId> = (0..CLIENTS).map(tenant).collect();
    for tenant in tenants {
        feed(ledger, &tenant, &all).await;
        answers(&ledger.book.all(), &tenant, &all);
    }
}

/// The topic tells every entry, each for the first time after the one before it.
async fn relayed(ledger: &Ledger, entries: &[Entry]) {
    let Some(first) = entries.first() else { return };
    let partition = first.position.partition;
    let mut tail = ledger.changes.tail(partition, Offset(0)).await.unwrap();
    let mut told: Vec<Told> = Vec::new();
    loop {
        let messages = tail.try_next(10_000).await.unwrap();
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let next = Told::of(&message.record.headers).unwrap();
            let index = usize::try_from(next.position.seq.0).unwrap() - 1;
            assert!(
                index <= told.len(),
                "the topic has a gap before {}",
                next.position
            );
            match told.get(index) {
                Some(before) => assert_eq!(*before, next, "the topic tells two histories"),
                None => told.push(next),
            }
        }
    }
    let expected = entries.iter().map(|entry| Told {
        position: entry.position,
        hash: entry.chain,
    });
    assert!(
        told.iter().copied().eq(expected),
        "the topic is not the ledger's"
    );
}

/// A tenant's feed has its entries in the order of the log, numbered without a hole.
async fn feed(ledger: &Ledger, tenant: &TenantId, all: &[Entry]) {
    let window = Window {
        after: TenantSeq::ZERO,
        up_to: TenantSeq(u64::from(u32::MAX)),
        limit: 100_000,
    };
    let feed = entries::changes(&ledger.store, tenant, window);
    let feed = feed.await.unwrap();
    let own: Vec<Entry> = of(all, tenant).cloned().collect();
    assert_eq!(feed, own);
    for (entry, number) in feed.iter().zip(1..) {
        assert_eq!(entry.tenant_seq, TenantSeq(number), "a hole");
    }
}

fn of<'a>(all: &'a [Entry], tenant: &TenantId) -> impl Iterator<Item = &'a Entry> {
    all.iter().filter(move |entry| entry.tenant == *tenant)
}

/// Every client was answered what stands in the ledger, once, and in the order of the answers.
fn answers(asked: &[Asked], tenant: &TenantId, all: &[Entry]) {
    let mut by_command: BTreeMap<CommandId, Vec<&Entry>> = BTreeMap::new();
    let mut by_key: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    for entry in of(all, tenant) {
        let stamp = &entry.submission.as_ref().unwrap().stamp;
        let decides = !matches!(entry.outcome, Outcome::Duplicate { .. });
        let of_command = by_command.entry(stamp.command_id).or_default();
        let of_key = stamp.idempotency.as_ref().map(|idempotency| {
            let key = (entry.subject.clone(), idempotency.key.clone());
            by_key.entry(key).or_default()
        });
        if decides {
            of_command.push(entry);
            if let Some(of_key) = of_key {
                of_key.push(entry);
            }
        }
    }
    for (key, decided) in &by_key {
        assert_eq!(decided.len(), 1, "{key:?} had effects as often");
    }
    let asked: Vec<&Asked> = asked
        .iter()
        .filter(|asked| crate::script::tenant(asked.ask.client) == *tenant)
        .collect();
    for one in &asked {
        let answer = one.answer.as_ref().expect("everybody is answered");
        let entry = &answer.decided.entry;
        let found = of(all, tenant).find(|found| found.tenant_seq == entry.tenant_seq);
        assert_eq!(found, Some(entry), "{:?} was answered otherwise", one.ask);
        assert_eq!(answer.decided.revision.tenant_seq, entry.tenant_seq);
        assert_eq!(answer.decided.revision.chain8, entry.chain8());
        let decided = match one.ask.key() {
            None => &by_command[&one.ids[0]],
            Some(key) => &by_key[&(format!("client {}", one.ask.client), key)],
        };
        assert_eq!(decided.len(), 1, "{:?} has outcomes", one.ask);
        assert_eq!(
            decided[0], entry,
            "{:?} was answered with another entry",
            one.ask
        );
    }
    let known: BTreeSet<CommandId> = asked.iter().flat_map(|one| one.ids.clone()).collect();
    let unknown = by_command.keys().find(|command| !known.contains(command));
    assert_eq!(unknown, None, "nobody asked for it");
    in_order(&asked);
}

/// Who was answered before another asked comes first.
fn in_order(asked: &[&Asked]) {
    for first in asked {
        let answer = first.answer.as_ref().unwrap();
        let later = asked.iter().filter(|second| second.sent_at > answer.at);
        for second in later.filter(|second| !second.ask.repeats()) {
            let (before, after) = (&answer.decided, &second.answer.as_ref().unwrap().decided);
            assert!(
                before.entry.tenant_seq < after.entry.tenant_seq,
                "{:?} was answered before {:?} was asked",
                first.ask,
                second.ask
            );
        }
    }
}
