//! Waiting for what nobody announces.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, interval};

/// How long until somebody looks again.
const AGAIN: Duration = Duration::from_millis(20);

/// Looks again and again until there is something to see; panics with `what` after `limit`.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + limit;
    let mut ticks = interval(AGAIN);
    loop {
        ticks.tick().await;
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
    }
}
