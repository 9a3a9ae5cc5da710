//! Command, projector and query as processes of their own, each killed and frozen at random while
//! everybody writes; Postgres is killed once. Nothing that was answered is lost or done twice.

use writ_tests::{Fleet, Postgres, environment, until};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{LEASE, SOON, launch, owners, prefix};

const CALLERS: usize = 16;
const COMMANDS: usize = 20_000;
const FAULTS: usize = 14;
const PROJECTORS: [&str; 2] = ["projector-1", "projector-2"];

/// What is done to the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    KillCommand,
    KillQuery,
    KillProjector,
    FreezeProjector,
    FreezeCommand,
    KillPostgres,
}

/// Each kind at least twice but for Postgres, which is killed once, in random order.
fn schedule(dice: &mut Dice) -> Vec<Fault> {
    let mut faults = vec![Fault::KillPostgres];
    let kinds = [
        Fault::KillCommand,
        Fault::KillProjector,
        Fault::FreezeProjector,
        Fault::KillQuery,
        Fault::FreezeCommand,
    ];
    faults.extend(kinds.iter().cycle().take(FAULTS - 1));
    for last in (1..faults.len()).rev() {
        faults.swap(last, dice.below(last + 1));
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_commands_survive_the_death_of_every_process() {
    let mut dice = Dice::new(seed());
    let mut postgres = Postgres::start().await;
    let launch = launch(postgres.database(), &environment::kafka(), &prefix());
    let members = [
        ("command", "command"),
        (PROJECTORS[0], "projector"),
        (PROJECTORS[1], "projector"),
        ("query", "query"),
    ];
    let mut fleet = Fleet::start(launch, &members).await;
    let url = fleet.url("command").to_owned();
    let mut load = Load::start_at(&url, fleet.home(), &mut dice, (CALLERS, COMMANDS)).await;
    let mut life = 0;
    for (number, fault) in (1..).zip(schedule(&mut dice)) {
        load.answered(number * COMMANDS / (FAULTS + 2) + dice.below(400))
            .await;
        eprintln!("{number}: {fault:?}");
        match fault {
            Fault::KillCommand => {
                load.is(Life::Down(life));
                fleet.restart("command").await;
                life += 1;
                load.is(Life::Up(life));
            }
            Fault::KillQuery => fleet.restart("query").await,
            Fault::KillProjector => {
                fleet
                    .restart(PROJECTORS[dice.below(PROJECTORS.len())])
                    .await;
            }
            Fault::FreezeProjector => freeze_an_owner(&fleet, &postgres, &mut dice).await,
            Fault::FreezeCommand => {
                fleet.freeze("command");
                // For as long as it takes somebody else to start.
                fleet.restart("query").await;
                fleet.thaw("command");
            }
            Fault::KillPostgres => {
                postgres.kill9().await;
                postgres.restart().await;
            }
        }
    }
    let done = load.done().await;

    let reader = fleet.client("query");
    until("the query process is ready", SOON, async || {
        let answer = reader
            .request(hyper::Method::GET, "/readyz")
            .try_send()
            .await;
        answer.ok().filter(|answer| answer.status == 200)
    })
    .await;
    let summary = done.agrees_at(&reader, fleet.home()).await;
    assert_eq!(summary.wishes, COMMANDS);
    for outcome in ["applied", "unchanged", "rejected", "denied"] {
        assert!(
            summary.outcomes.contains_key(outcome),
            "no command was {outcome}: {summary:?}"
        );
    }
}

/// Freezes the owner of a partition until another has taken it over, then lets it go on: it must
/// find that it owns nothing any more.
async fn freeze_an_owner(fleet: &Fleet, postgres: &Postgres, dice: &mut Dice) {
    let database = postgres.database().connect().await;
    let before = owners(fleet, &PROJECTORS, &database).await;
    let partition = dice.below(before.len());
    let frozen = before[partition].by;
    fleet.freeze(frozen);
    let epochs = "SELECT owner_epoch FROM ledger_cursor ORDER BY partition";
    until("another takes over", LEASE * 10, async || {
        let rows = database.query(epochs, &[]).await.ok()?;
        let taken = before
            .iter()
            .zip(&rows)
            .filter(|(owned, _)| owned.by == frozen)
            .all(|(owned, row)| row.get::<_, i64>(0) > owned.epoch);
        taken.then_some(())
    })
    .await;
    fleet.thaw(frozen);
}
