//! The tour of the README, taken step by step: every command works and prints what is said.

use std::fmt::Write as _;

use tokio::process::Command;
use writ_tests::{Database, Launch, Server, environment};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
/// In expected outputs: anything.
const ANYTHING: char = '…';
/// What a step begins with that a reader has typed before.
const PROMPT: &str = "$ ";
/// `writ` on the installation of the server, as if no other variable were set.
const WRIT: &str = r#"
writ() {
  env -i PATH="$PATH" HOME="$DATA_DIR" DATABASE_URL="$DATABASE" $LOG "$PROGRAM" "$@" \
    --data-dir "$DATA_DIR"
}
"#;

/// Commands, and what they print according to the README.
#[derive(Debug, Default)]
struct Step {
    commands: String,
    prints: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_tells_what_happens() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let steps: Vec<Step> = fenced(&readme, "sh")
        .iter()
        .flat_map(|block| steps(block))
        .collect();
    assert!(steps.len() > 30, "the tour is not where it was: {steps:?}");
    // As on any machine with more than one core.
    let launch = Launch::on_fresh_database()
        .await
        .setting("WRIT_PARTITIONS", "2");
    let server = launch.start().await;
    what_a_reader_sets_is_told(&readme);

    let outputs = take(&server, &steps).await;
    for (step, output) in steps.iter().zip(&outputs) {
        let Step { commands, prints } = step;
        assert!(
            fits(prints, &flat(output)),
            "{commands}\nprints\n{output}\ninstead of\n{prints}"
        );
    }

    // What needs a database that a shell can make is asked of another one.
    let said = typed(&readme, "writ replay --into");
    let target = Database::fresh().await;
    let printed = server.run(&["replay", "--into", target.url()]).await;
    assert!(
        fits(&flat(&said), &flat(&printed)),
        "{printed}\ninstead of\n{said}"
    );
}

/// The variables that [`take`] sets are those that a reader is told to set.
fn what_a_reader_sets_is_told(readme: &str) {
    let block = typed_block(readme, "export WRIT");
    for name in ["WRIT=", "TOKEN=", "CAMUNDA_PASSWORD=", "NESTAUTH_PASSWORD="] {
        assert!(block.contains(name), "nobody is told to set {name}");
    }
    assert!(block.contains("writ()"), "nobody is told what `writ` is");
}

/// The block in which a reader types a command.
fn typed_block(readme: &str, command: &str) -> String {
    fenced(readme, "console")
        .into_iter()
        .find(|block| block.contains(&format!("{PROMPT}{command}")))
        .unwrap_or_else(|| panic!("no block has {command}"))
}

/// What a command that a reader types prints, which ends its block.
fn typed(readme: &str, command: &str) -> String {
    let block = typed_block(readme, command);
    let lines = block.lines().filter(|line| !line.starts_with(PROMPT));
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs all steps in one shell; what each printed.
async fn take(server: &Server, steps: &[Step]) -> Vec<String> {
    const MARK: &str = "--- the next step ---";
    // A stream is cut off by who has seen enough, so a broken pipe is none of its faults.
    let mut script = format!("set -eu\n{WRIT}");
    for step in steps {
        writeln!(script, "{}\nprintf '\\n%s\\n' '{MARK}'", step.commands).expect("a text");
    }
    let ready = server.ready();
    let log = server.changes_topic().map(|topic| {
        let prefix = topic.trim_end_matches("changes");
        let brokers = environment::kafka();
        format!("WRIT_KAFKA={brokers} WRIT_KAFKA_TOPIC_PREFIX={prefix}")
    });
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("WRIT", &ready.url)
        .env("TOKEN", &ready.token)
        .env("CAMUNDA_PASSWORD", &ready.camunda.password)
        .env("NESTAUTH_PASSWORD", &ready.nestauth.password)
        .env("PROGRAM", environment::writ())
        .env("DATABASE", &ready.database_url)
        .env("DATA_DIR", server.data_dir())
        .env("LOG", log.unwrap_or_default())
        .kill_on_drop(true)
        .output()
        .await
        .expect("bash runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    let mut outputs: Vec<String> = said.split(MARK).map(|one| one.trim().to_owned()).collect();
    assert_eq!(
        outputs.pop().as_deref(),
        Some(""),
        "something after the last step"
    );
    assert_eq!(outputs.len(), steps.len(), "{said}\n{errors}");
    outputs
}

/// Without line ends, which the README puts where it likes.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

/// The insides of the fenced blocks of a language.
fn fenced(text: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&open) {
        let (block, after) = after.split_once("\n```").expect("a block has an end");
        blocks.push(block.to_owned());
        rest = after;
    }
    blocks
}

/// Steps end at an empty line. Lines that begin with `#` say what is printed.
fn steps(block: &str) -> Vec<Step> {
    let mut steps = vec![Step::default()];
    for line in block.lines() {
        let step = steps.last_mut().expect("there is one from the start");
        match line.strip_prefix('#') {
            Some(prints) => step.prints.push_str(prints.trim()),
            None if line.is_empty() => steps.push(Step::default()),
            None => writeln!(step.commands, "{line}").expect("a text"),
        }
    }
    steps
}

/// Whether an output is the expected one, in which [`ANYTHING`] may stand for parts.
fn fits(expected: &str, output: &str) -> bool {
    let mut parts: Vec<&str> = expected.split(ANYTHING).collect();
    let last = parts.pop().expect("a split has a part");
    if parts.is_empty() {
        return last == output;
    }
    let mut rest = output;
    for (number, part) in parts.into_iter().enumerate() {
        match rest.find(part) {
            Some(at) if number > 0 || at == 0 => rest = &rest[at + part.len()..],
            Some(_) | None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn an_output_fits_only_if_all_that_is_said_is_there() {
    for (expected, output, fit) in [
        ("", "", true),
        ("", "x", false),
        ("{\"a\":1}", "{\"a\":1}", true),
        ("{\"a\":…}", "{\"a\":1}", true),
        ("{\"a\":…}", "{\"b\":1}", false),
        ("{…,\"b\":2,…}", "{\"a\":1,\"b\":2,\"c\":3}", true),
        ("{…,\"b\":2,…}", "{\"a\":1,\"b\":3,\"c\":3}", false),
        ("…b…a", "a b", false),
    ] {
        assert_eq!(fits(expected, output), fit, "{expected} {output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_names_every_setting_with_its_default() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let server = Server::start().await;
    let shown = server.run(&["check-config", "--json"]).await;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let settings = shown["settings"].as_array().expect("a list");
    assert!(!settings.is_empty(), "{shown}");
    for setting in settings {
        let key = setting["key"].as_str().expect("a text");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("the README has no row for {key}"));
        if setting["source"] == "default" && !key.ends_with("_dir") {
            let default = setting["value"].as_str().expect("a text");
            let default = if default.is_empty() {
                String::new()
            } else {
                format!("`{default}` ")
            };
            assert!(
                row.starts_with(&format!("| `{key}` | {default}|")),
                "{setting}: {row}"
            );
        }
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(rows, settings.len(), "the README has a row for no setting");
}
