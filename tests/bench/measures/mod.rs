//! What is asked, and what the answers must be.

mod checks;
mod feed;
mod ground;
mod history;
mod ledger;
mod lists;
mod patches;
mod rebuild;
mod writes;

use std::sync::Arc;

use self::ground::Ground;
use crate::options::{Log, Measure, Options};
use crate::pgbench::Pgbench;
use crate::report::{Report, WorldRow};
use crate::stack::Stack;
use crate::wire::Wire;
use crate::world::{self, Profile, World};

/// Everything on one log.
pub(crate) async fn on(
    log: Log,
    options: &Options,
    pgbench: Option<&Pgbench>,
    report: &mut Report,
) {
    for profile in [Profile::Roles, Profile::Direct] {
        let is_asked_for = match profile {
            Profile::Roles => options.measures_a_world(),
            Profile::Direct => {
                options.measures(Measure::Check) || options.measures(Measure::BatchCheck)
            }
        };
        if !is_asked_for {
            continue;
        }
        let world = World::draw(profile, options.quick, options.seed);
        let mut stack = Stack::start(log, options).await;
        load(log, options, &world, &stack, report).await;
        let mut ground = Ground {
            log,
            options,
            stack: &stack,
            world: Arc::new(world),
            pgbench,
            report,
        };
        measure(&mut ground).await;
        let name = ground.world.name();
        if options.measures(Measure::Rebuild) && ground.world.has_roles() {
            rebuild::run(log, name, &mut stack, report).await;
        }
        stack.end().await;
    }
    if log == Log::Postgres && options.measures(Measure::History) {
        history::run(options, report).await;
    }
}

async fn load(log: Log, options: &Options, world: &World, stack: &Stack, report: &mut Report) {
    let empty_database_bytes = stack.database_bytes().await;
    let mut wire = Wire::open(&stack.target()).await;
    let loaded = world::load(world, &mut wire).await;
    let database_bytes = stack.database_bytes().await;
    stack.analyze().await;
    let row = WorldRow {
        log,
        world: world.name(),
        edges: world.edges(),
        requests: loaded.requests,
        load_seconds: loaded.took.as_secs_f64(),
        empty_database_bytes,
        database_bytes,
        idle_cores: stack.idle(options.window()).await,
    };
    report.add_world(row);
}

/// Reading before writing, so that what is read is what was loaded.
async fn measure(ground: &mut Ground<'_>) {
    let wanted = |measure| ground.options.measures(measure);
    let check = wanted(Measure::Check);
    let batch_check = wanted(Measure::BatchCheck);
    let (list, feed) = (wanted(Measure::List), wanted(Measure::Feed));
    let (write, patch) = (wanted(Measure::Write), wanted(Measure::Patch));
    let batch = wanted(Measure::Batch);
    let has_roles = ground.world.has_roles();
    if check {
        checks::singles(ground).await;
    }
    if batch_check {
        checks::thousands(ground).await;
    }
    if !has_roles {
        return;
    }
    if list {
        lists::run(ground).await;
    }
    if write {
        writes::singles(ground).await;
    }
    if batch {
        writes::hundreds(ground).await;
    }
    if patch {
        patches::run(ground).await;
    }
    if feed {
        feed::run(ground).await;
    }
}
