//! Logs that a release has decided and what it came to, under `tests/golden`: every later release
//! comes to the same (P12).
//!
//! ```text
//!   tests/golden/0.1.0/first/log.jsonl        a record a line, and the entry that it became
//!                           /digests.json     every few entries: chain, anchor, outcomes, digests
//!                     /restored/…             a log that was restored, twice
//!                     /admission/…            deadlines, cancels, keys, beliefs at their bounds
//!               SHA256SUMS                    of all of them: `sha256sum --check`
//! ```
//!
//! A release adds its own by `cargo xtask golden`, which writes what is not there yet and never
//! changes what is. A log that comes out otherwise is a ledger that comes out otherwise after an
//! upgrade: it is the change that is wrong, not the file.

mod admission;
mod fragment;
mod made;
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use writ_domain::{BucketMap, Partition};
use writ_log::memory::{MemoryLog, Options};
use writ_log::{Log, Logged};

use self::fragment::{Cut, Fragment, partition_of};
use super::world::empty;
use crate::rebuild::run;
use crate::verify;

const THIS: &str = env!("CARGO_PKG_VERSION");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// What is in a directory, by name.
fn listed(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The fragments of all releases.
fn committed() -> Vec<(PathBuf, Fragment)> {
    let mut releases = listed(&root());
    releases.retain(|path| path.is_dir());
    let fragments = releases.iter().flat_map(|release| listed(release));
    fragments
        .map(|dir| {
            let fragment = Fragment::read(&dir);
            (dir, fragment)
        })
        .collect()
}

/// Asked by `cargo xtask golden` to write; else it only looks whether that was done.
#[test]
fn this_release_has_its_golden_logs() {
    #[expect(clippy::disallowed_methods, reason = "how `cargo xtask golden` asks")]
    let writes = std::env::var("WRIT_GOLDEN").is_ok_and(|asked| asked == "write");
    for (name, fragment) in made::fragments() {
        let dir = root().join(THIS).join(name);
        if dir.exists() {
            let kept = !writes || Fragment::read(&dir) == fragment;
            assert!(
                kept,
                "{} would change: what a release decided stays decided. Its version goes up, or \
                 if it was never released, remove the directory first",
                dir.display()
            );
        } else {
            assert!(writes, "{}: run `cargo xtask golden`", dir.display());
            fragment.write(&dir);
        }
    }
    if writes {
        sums::write(&root());
    }
}

#[test]
fn golden_logs_of_all_releases_are_the_files_that_were_committed() {
    assert_eq!(sums::said(&root()), sums::found(&root()));
}

#[test]
fn golden_logs_of_all_releases_are_decided_as_ever() {
    let all = committed();
    assert!(!all.is_empty());
    for (dir, golden) in all {
        let again = Fragment::decided(&golden.logs());
        let pairs = golden.lines.iter().zip(&again.lines);
        if let Some((was, is)) = pairs.into_iter().find(|(was, is)| was != is) {
            let dir = dir.display();
            panic!("{dir}: decided otherwise\n was {was:#?}\n is {is:#?}");
        }
        let pairs = golden.cuts.iter().zip(&again.cuts);
        if let Some((was, is)) = pairs.into_iter().find(|(was, is)| was != is) {
            let dir = dir.display();
            panic!("{dir}: folded otherwise\n was {was:#?}\n is {is:#?}");
        }
        assert_eq!(golden, again, "{}", dir.display());
    }
}

#[tokio::test]
async fn golden_logs_of_all_releases_are_rebuilt_to_the_same_views() {
    for (dir, golden) in committed() {
        let logs = golden.logs();
        let map = BucketMap::try_new(u16::try_from(logs.len()).unwrap()).unwrap();
        let log: Arc<dyn Log> = Arc::new(log_of(&logs).await);
        let store = empty().await;
        let stop = CancellationToken::new();
        let report = run(&store, Arc::clone(&log), None, &map, &|_, _, _| (), &stop)
            .await
            .unwrap();
        assert!(report.is_clean(), "{}", dir.display());
        for last in last_cuts(&golden) {
            let digests = store.digests(last.partition).await.unwrap();
            let found = (digests.seq.0, digests.chain, digests.views, digests.history);
            let tenants = last.digests.clone();
            let expected = (
                last.entries,
                last.chain.0.to_vec(),
                tenants.clone(),
                tenants,
            );
            assert_eq!(found, expected, "{} {}", dir.display(), last.partition);
            let report = verify::partition(&store, Some(&*log), &map, last.partition);
            let differences = report.await.unwrap().differences;
            assert_eq!(differences, Vec::<String>::new(), "{}", dir.display());
        }
    }
}

fn last_cuts(golden: &Fragment) -> Vec<&Cut> {
    let of = |cut| (partition_of(cut), cut);
    let last: BTreeMap<Partition, &Cut> = golden.cuts.iter().map(of).collect();
    last.into_values().collect()
}

/// A log with these records at their times.
async fn log_of(logs: &[Vec<Logged>]) -> MemoryLog {
    let time = Arc::new(Mutex::new(DateTime::<Utc>::UNIX_EPOCH));
    let clock = Arc::clone(&time);
    let options = Options {
        partitions: u16::try_from(logs.len()).unwrap(),
        ..Options::default()
    };
    let log = MemoryLog::new(options, move || *clock.lock().unwrap());
    for (partition, records) in (0..).map(Partition).zip(logs) {
        for logged in records {
            *time.lock().unwrap() = logged.time;
            let record = logged.record.clone();
            log.append(partition, vec![record]).await.unwrap();
        }
    }
    log
}

/// What the first fragment of a release must hold, else it shows less than it could.
#[test]
fn every_command_and_every_outcome_is_in_a_golden_log() {
    let [(_, first), (_, restored), _] = made::fragments();
    let seals = |line: &&fragment::Line| line.kind == "seal";
    assert_eq!(first.lines.iter().filter(seals).count(), 3);
    assert_eq!(restored.lines.iter().filter(seals).count(), 6);
    let applied: BTreeSet<&str> = first
        .lines
        .iter()
        .filter(|line| line.applied())
        .map(|line| line.kind.as_str())
        .collect();
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/vectors/v1");
    for path in listed(&Path::new(vectors).join("command")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let kind = name.split('-').next().unwrap();
        assert_eq!(applied.contains(kind), kind != "RecordDenial", "{kind}");
    }
    let denials = first
        .lines
        .iter()
        .filter(|line| line.kind == "RecordDenial");
    assert!(denials.count() > 0, "no denial stands on record");
    let cuts = last_cuts(&first);
    let outcomes = cuts.iter().flat_map(|cut| cut.outcomes.keys());
    let outcomes: BTreeSet<&str> = outcomes.map(String::as_str).collect();
    assert_eq!(outcomes, BTreeSet::from(super::ledger::OUTCOMES));
    assert_eq!(cuts.len(), 3);
    let back = |pair: &[fragment::Line]| {
        let [one, next] = pair else { return false };
        one.partition == next.partition && next.logged.time < one.logged.time
    };
    assert!(first.lines.windows(2).any(back), "no log time goes back");
}
