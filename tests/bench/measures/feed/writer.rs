//! A writer whose writes can be told apart in the feed.

use std::time::{Duration, Instant};

use writ_tests::Dice;

use super::compare::Write;
use crate::drive::Caller as _;
use crate::measures::writes::Granter;
use crate::wire::Wire;

/// Between 30 and 230 ms, so that no rhythm of the server is met.
#[derive(Debug)]
pub(super) struct Pause(pub(super) Dice);

impl Pause {
    fn next(&mut self) -> Duration {
        let millis = 30 + self.0.below(200);
        Duration::from_millis(u64::try_from(millis).expect("64 bits"))
    }
}

/// Writes until it is time, in pairs.
pub(super) async fn write(
    mut wire: Wire,
    mut granter: Granter,
    mut pause: Option<Pause>,
    name: String,
    until: Instant,
) -> Vec<Write> {
    let mut all = Vec::new();
    while Instant::now() < until || !granter.is_done() {
        if let Some(pause) = &mut pause {
            tokio::time::sleep(pause.next()).await;
        }
        let request_id = format!("{name}-{}", all.len());
        let ask = granter.ask().identified(&request_id);
        let sent = Instant::now();
        let answer = wire.call(&ask).await;
        let answered = Instant::now();
        let fault = match &answer {
            Ok(answer) => granter.judge(answer).err(),
            Err(error) => Some(error.clone()),
        };
        all.push(Write {
            request_id,
            sent,
            answered,
            fault,
        });
        if answer.is_err() {
            // The connection is gone.
            return all;
        }
    }
    all
}
