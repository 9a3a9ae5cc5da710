//! The benchmark itself, in small.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

#[tokio::test]
async fn the_benchmark_runs_and_finds_nothing_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--quick", "--json"])
        .arg(&file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let (said, printed) = (
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
    );
    assert!(output.status.success(), "{said}\n{printed}");
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap();
    for row in rows {
        assert!(row["count"].as_u64().unwrap() > 0, "{row}");
        assert_eq!(row["faults"], 0, "{row}");
    }
    let is_measured = |(world, measure): (&str, &str)| {
        rows.iter()
            .any(|row| row["world"] == world && row["measure"] == measure)
    };
    for measure in [
        ("W1", "grant, revoke (Auth0)"),
        ("W1", "grant, revoke 100 (native)"),
        ("W1", "replace 20 scopes (Auth0)"),
        ("W1", "check"),
        ("W1", "check of 1000"),
        ("W2", "check"),
        ("W2", "check of 1000"),
        ("W1", "list a role (Auth0)"),
        ("W1", "list a user (native)"),
        ("W1", "feed by poll, since sent"),
        ("W1", "feed by stream, since sent"),
    ] {
        assert!(is_measured(measure), "{measure:?} in {report}");
    }
    assert!(
        rows.iter().any(|row| row["loop"]["open"].is_number()),
        "{report}"
    );
    assert_eq!(report["left_out"], serde_json::json!([]), "{report}");
    let histories = report["histories"].as_array().unwrap();
    assert_eq!(histories.len(), 1, "{report}");
    assert_eq!(histories[0]["faults"], 0, "{report}");
    let rebuilds = report["rebuilds"].as_array().unwrap();
    assert_eq!(rebuilds.len(), 1, "{report}");
    assert!(rebuilds[0]["entries"].as_u64().unwrap() > 0, "{report}");
    assert!(printed.contains("No answer was wrong."), "{printed}");
}
