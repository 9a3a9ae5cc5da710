//! Asked to end while everybody writes: it answers what it has taken on, and then is gone.

use std::time::{Duration, Instant};

use writ_tests::Server;

use super::load::{Dice, Life, Load, seed};

/// What is in flight may take `shutdown_timeout_ms`, the rest is tidying up.
const IN_TIME: Duration = Duration::from_secs(12);

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_drains_in_time_and_loses_nothing() {
    let mut dice = Dice::new(seed());
    let mut server = Server::start().await;
    let mut load = Load::start(&server, &mut dice, 16, usize::MAX).await;
    load.answered(500 + dice.below(500)).await;
    load.is(Life::Over);
    let asked = Instant::now();
    let exit = server.sigterm().await;
    let took = asked.elapsed();
    assert!(exit.status.success(), "{}", exit.status);
    assert_eq!(exit.stdout, "", "its one line was said at the start");
    assert!(took <= IN_TIME, "it ended {took:?} after it was asked to");
    let done = load.done().await;

    server.restart().await;
    let summary = done.agrees_with(&server).await;
    assert!(summary.answered >= 500, "{summary:?}");
}
