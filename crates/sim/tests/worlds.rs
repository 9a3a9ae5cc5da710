//! Whole worlds: the same seed tells the same story, and nothing is wrong in any.

use writ_sim::coverage::{Branch, Coverage, Fault};
use writ_sim::run::{Report, Scenario, run};

fn world(seed: u64, commands: u64) -> Report {
    run(&Scenario {
        seed,
        commands,
        whole_trace: true,
    })
}

#[test]
fn the_same_seed_gives_a_byte_identical_trace() {
    for seed in [1, 2, 3] {
        let (once, again) = (world(seed, 300), world(seed, 300));
        assert!(once.trace_lines > 1_000, "{}", once.trace_lines);
        let mut lines = once.trace.iter().zip(&again.trace);
        assert_eq!(lines.find(|(one, other)| one != other), None, "seed {seed}");
        assert_eq!(once.trace_hash, again.trace_hash);
        assert_eq!(once.trace_lines, again.trace_lines);
        assert_eq!(once.coverage, again.coverage);
        assert_ne!(once.trace_hash, world(seed + 100, 300).trace_hash);
    }
}

/// A few, for who changes something; `.ci/run` lives many more.
#[test]
fn nothing_is_wrong_in_small_worlds() {
    for seed in 100..112 {
        let report = world(seed, 500);
        assert_eq!(report.violations, [], "seed {seed}");
        assert!(report.decided >= 500, "seed {seed}: {}", report.decided);
        assert!(report.answered > 0, "seed {seed}");
    }
}

/// One that was rolled back with its connection would never be found to be carried out.
#[test]
fn commits_that_finish_late_do_finish() {
    let mut met = Coverage::default();
    for seed in 200..212 {
        met.add(&world(seed, 500).coverage);
    }
    let answers_lost = met.dealt(Fault::CommitAnswerLost);
    let carried_out = met.taken(Branch::UnknownCommitWas);
    assert!(
        carried_out > answers_lost,
        "{carried_out} unknown commits were carried out, {answers_lost} answers were lost"
    );
}
