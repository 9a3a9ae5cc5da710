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
    let is_measured = |word: &str| {
        rows.iter()
            .any(|row| row["measure"].as_str().unwrap().contains(word))
    };
    for word in [
        "grant",
        "grant, revoke 100",
        "replace",
        "list",
        "feed by poll",
    ] {
        assert!(is_measured(word), "{word} in {report}");
    }
    let rebuilds = report["rebuilds"].as_array().unwrap();
    assert_eq!(rebuilds.len(), 1, "{report}");
    assert!(rebuilds[0]["entries"].as_u64().unwrap() > 0, "{report}");
    assert!(printed.contains("No answer was wrong."), "{printed}");
}
