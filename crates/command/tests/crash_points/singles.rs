//! One cut: every point, at its first hits and in the middle of a life.

use core::time::Duration;
use std::collections::BTreeMap;

use writ_crash::{Cut, Ended, Point};

use crate::check::check;
use crate::ledger::Template;
use crate::run::{Cuts, FROZEN, go_all};
use crate::story::{self, Kind, WHOLE};

const PARTITIONS: u16 = 2;

/// Where each life comes by of which none is cut.
async fn census() -> Vec<(Kind, BTreeMap<Point, u32>)> {
    let template = Template::make(PARTITIONS).await;
    let ledger = template.ledger().await;
    let mut all = Vec::new();
    for kind in WHOLE {
        let lived = ledger.live(*kind, None).await;
        let expected = match kind {
            Kind::Killed => Ended::Cut,
            Kind::Works | Kind::Rests | Kind::Halts | Kind::Recovers => Ended::Finished,
        };
        assert_eq!(lived.ended, expected, "{kind:?}");
        all.push((*kind, lived.hits));
    }
    check(&ledger).await;
    template.drop_ledger(ledger).await;
    template.end().await;
    all
}

/// Each point at its first hit, and frozen first at one in the middle of a life.
fn ways(census: &[(Kind, BTreeMap<Point, u32>)]) -> Vec<Cuts> {
    let mut ways = Vec::new();
    for point in Point::ALL {
        let last = story::until(*point).last().unwrap();
        let (_, hits) = census.iter().find(|(kind, _)| kind == last).unwrap();
        let often = hits.get(point).copied().unwrap_or(0);
        let middle = often.div_ceil(2).max(1);
        let mut cut = |hit, frozen| {
            let point = *point;
            ways.push(Cuts(vec![Cut { point, hit, frozen }]));
        };
        cut(1, Duration::ZERO);
        // Where nothing is on its way, to be frozen changes nothing.
        if middle > 1 || point.is_within() {
            cut(middle, FROZEN);
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
    let gone = go_all(PARTITIONS, ways(&census), |_| {}).await;
    let first = |cut: &Cut| cut.hit == 1;
    let unreached: Vec<String> = gone
        .iter()
        .filter(|gone| gone.reached == 0 && gone.cuts.0.iter().all(first))
        .map(|gone| gone.cuts.to_string())
        .collect();
    assert_eq!(unreached, Vec::<String>::new(), "nobody was cut off there");
    // That what the points are named after is what happens there.
    for point in Point::ALL.iter().filter(|point| story::commits(**point)) {
        let mut of_point = gone.iter().filter(|gone| gone.cuts.0[0].point == *point);
        let unknown = of_point.any(|gone| gone.unknown);
        assert!(unknown, "no commit was unknown that was cut at {point}");
    }
}
