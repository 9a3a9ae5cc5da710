//! One cut: every point, at its first hits and in the middle of a life.

use core::time::Duration;
use std::collections::BTreeMap;

use writ_crash::{Cut, Ended, Point};

use crate::check::check;
use crate::ledger::Template;
use crate::run::{Cuts, FROZEN, Gone, go_all};
use crate::story::{self, Kind, WHOLE};

/// Where a cut takes along another owner, whatever that is at.
const PARTITIONS: u16 = 2;

/// Where each life comes by of which none is cut.
async fn census() -> Vec<(Kind, BTreeMap<Point, u32>)> {
    let template = Template::make(PARTITIONS).await;
    let ledger = template.ledger().await;
    let mut all = Vec::new();
    for kind in WHOLE {
        let lived = ledger.live(*kind, None).await;
        let expected = match kind {
            Kind::Killed => Ended::Killed,
            Kind::Works | Kind::Rests | Kind::Halts | Kind::Extends | Kind::Recovers => {
                Ended::Finished
            }
        };
        assert_eq!(lived.ended, expected, "{kind:?}");
        all.push((*kind, lived.hits));
    }
    check(&ledger).await;
    template.drop_ledger(ledger).await;
    template.end().await;
    all
}

/// Each point at its first hit.
fn at_once() -> Vec<Cuts> {
    let cut = |point: &Point| Cut {
        point: *point,
        hit: 1,
        frozen: Duration::ZERO,
    };
    let cuts = Point::ALL.iter().map(cut);
    cuts.map(|cut| Cuts(vec![cut])).collect()
}

/// Each point in the middle of a life, if it has one there, and frozen first.
fn frozen(census: &[(Kind, BTreeMap<Point, u32>)]) -> Vec<Cuts> {
    let mut ways = Vec::new();
    for point in Point::ALL {
        let last = story::until(*point).last().unwrap();
        let (_, hits) = census.iter().find(|(kind, _)| kind == last).unwrap();
        let hit = hits.get(point).map_or(1, |often| often.div_ceil(2));
        // Where nothing is on its way, to be frozen changes nothing.
        if hit > 1 || point.is_within() {
            ways.push(Cuts(vec![Cut {
                point: *point,
                hit,
                frozen: FROZEN,
            }]));
        }
    }
    ways
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_survives_one_cut_at_any_point() {
    let census = census().await;
    let never: Vec<&str> = Point::ALL
        .iter()
        .filter(|point| census.iter().all(|(_, hits)| !hits.contains_key(point)))
        .map(|point| point.name())
        .collect();
    assert_eq!(never, Vec::<&str>::new(), "nothing comes by here");
    let mut gone = go_all(1, at_once(), |_| {}).await;
    let unreached: Vec<String> = gone
        .iter()
        .filter(|gone| gone.reached == 0)
        .map(|gone| gone.cuts.to_string())
        .collect();
    assert_eq!(unreached, Vec::<String>::new(), "nobody was cut off there");
    gone.extend(go_all(PARTITIONS, frozen(&census), |_| {}).await);
    // That what the points are named after is what happens there.
    for point in Point::ALL.iter().filter(|point| story::commits(**point)) {
        let of_point = gone.iter().filter(|gone| gone.cuts.0[0].point == *point);
        let of_point: Vec<&Gone> = of_point.collect();
        let unknown =
            of_point.iter().any(|gone| gone.unknown) || is_unknown_in_time(of_point[0]).await;
        assert!(unknown, "no commit was unknown that was cut at {point}");
    }
}

/// The same way again, frozen for longer: on a busy machine Postgres may not have come to what was
/// sent when its connection ends, and then it was never committed.
async fn is_unknown_in_time(gone: &Gone) -> bool {
    for frozen in [4, 16, 64].map(|times| FROZEN * times) {
        let cut = Cut {
            frozen,
            ..gone.cuts.0[0]
        };
        let again = go_all(PARTITIONS, vec![Cuts(vec![cut])], |_| {}).await;
        if again.iter().any(|gone| gone.unknown) {
            return true;
        }
    }
    false
}
