//! One process, killed over and over while everybody writes: nothing that was answered is lost, and nothing
//! happened twice.

use std::time::Instant;

use writ_tests::Server;

use crate::faults::load::{Dice, Life, Load, seed};

const CALLERS: usize = 16;
const COMMANDS: usize = 20_000;
const KILLS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_commands_survive_ten_kills() {
    let mut dice = Dice::new(seed());
    let mut server = Server::start().await;
    let begun = Instant::now();
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;
    for (life, moment) in (1..).zip(moments(&mut dice)) {
        load.answered(moment).await;
        load.is(Life::Down(life - 1));
        server.kill9().await;
        server.restart().await;
        eprintln!(
            "killed after {moment} answers, ready again after {:?}",
            server.started_in()
        );
        load.is(Life::Up(life));
    }
    let done = load.done().await;
    eprintln!(
        "{COMMANDS} commands and {KILLS} kills in {:?}",
        begun.elapsed()
    );

    let summary = done.agrees_with(&server).await;
    assert_eq!(summary.wishes, COMMANDS);
    assert!(server.is_running());
    for outcome in ["applied", "unchanged", "rejected", "denied"] {
        assert!(
            summary.outcomes.contains_key(outcome),
            "no command was {outcome}: {summary:?}"
        );
    }
    // Each kill leaves at most what each caller had in flight without an answer.
    assert!(
        summary.answered >= COMMANDS - KILLS * CALLERS,
        "{summary:?}"
    );
}

/// Numbers of answers after which it is killed, some close to each other, none at the very end.
fn moments(dice: &mut Dice) -> Vec<usize> {
    let mut moments: Vec<usize> = (0..KILLS)
        .map(|_| 1 + dice.below(COMMANDS * 9 / 10))
        .collect();
    moments.sort_unstable();
    moments
}
