//! Two cuts, the second in the life after the first.
//!
//! There are as many pairs as points times points. The ordinary run takes a few. With
//! `WRIT_CRASH_POINTS_PROGRESS` it is all that are not in the file of that name, which is told each
//! one that passed: an interrupted run is gone on with by the next.

use core::time::Duration;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Instant;

use writ_crash::{Cut, Point};

use crate::run::{Cuts, FROZEN, Gone, go_all};
use crate::story;

/// Another partition's owner shares nothing with the one that is cut but the process, and doubles
/// the time.
const PARTITIONS: u16 = 1;
/// In the ordinary run.
const FEW: usize = 16;
/// Pairs between two reports.
const LOT: usize = 256;

/// Every pair, in an order whose beginnings have some of each point.
fn all() -> Vec<Cuts> {
    let points = Point::ALL;
    let mut pairs = Vec::new();
    for shift in 0..points.len() {
        for (index, point) in points.iter().enumerate() {
            let second = points[(index + shift) % points.len()];
            let cuts = vec![
                cut(*point, index + shift),
                cut(second, index + 2 * shift + 1),
            ];
            pairs.push(Cuts(cuts));
        }
    }
    pairs
}

/// A cut at a point: at one hit or another, frozen first or not.
fn cut(point: Point, choice: usize) -> Cut {
    let often = story::often(point);
    let hit = 1 + u32::try_from(choice).unwrap() % often;
    let frozen = if choice.is_multiple_of(2) {
        FROZEN
    } else {
        Duration::ZERO
    };
    Cut { point, hit, frozen }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_survives_a_second_cut_in_the_life_after_the_first() {
    let all = all();
    let progress = std::env::var_os("WRIT_CRASH_POINTS_PROGRESS");
    match progress {
        None => {
            let few = all.len().div_ceil(FEW);
            both(&go_all(PARTITIONS, all.into_iter().step_by(few).collect(), |_| {}).await);
        }
        Some(path) => go_on(Path::new(&path), all).await,
    }
}

fn both(gone: &[Gone]) {
    let missed: Vec<String> = gone
        .iter()
        .filter(|gone| gone.reached < gone.cuts.0.len())
        .map(|gone| gone.cuts.to_string())
        .collect();
    assert_eq!(missed, Vec::<String>::new(), "nobody was cut off there");
}

/// Goes the pairs that the file does not have.
#[expect(
    clippy::print_stdout,
    reason = "it takes long, and somebody waits for it"
)]
async fn go_on(path: &Path, mut pairs: Vec<Cuts>) {
    let total = pairs.len();
    let passed = match fs::read_to_string(path) {
        Ok(passed) => passed,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => panic!("{}: {error}", path.display()),
    };
    // A run that was killed may have left half a line.
    let whole = passed.rfind('\n').map_or(0, |end| end + 1);
    let before: BTreeSet<&str> = passed[..whole].lines().collect();
    pairs.retain(|pair| !before.contains(pair.to_string().as_str()));
    println!("{} of {total} pairs passed before", total - pairs.len());
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.set_len(u64::try_from(whole).unwrap()).unwrap();
    let mut done = total - pairs.len();
    while !pairs.is_empty() {
        let lot = pairs.split_off(pairs.len() - pairs.len().min(LOT));
        let begun = Instant::now();
        let gone = go_all(PARTITIONS, lot, |gone| note(&mut file, gone)).await;
        both(&gone);
        done += gone.len();
        let (count, seconds) = (gone.len(), begun.elapsed().as_secs_f64());
        println!("{done} of {total} pairs passed, the last {count} in {seconds:.0} s");
    }
}

fn note(file: &mut File, gone: &Gone) {
    if gone.reached == gone.cuts.0.len() {
        writeln!(file, "{}", gone.cuts).unwrap();
    }
}
