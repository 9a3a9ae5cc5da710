//! What the binary says of settings, commands and flags.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde_json::Value;
use writ_tests::environment;

pub(super) type Variables = BTreeMap<String, String>;

/// Panics unless `writ` knows these words and flags as a command, and takes all settings.
#[track_caller]
pub(super) fn assert_takes(command: &[String], variables: &Variables) {
    let is_flag = |word: &&String| word.starts_with("--");
    let words = command.iter().take_while(|word| !is_flag(word)).count();
    let (words, flags) = command.split_at(words);
    assert!(!words.is_empty(), "{command:?} names no command");
    let help = run(&[words, &["--help".to_owned()]].concat(), &Variables::new());
    assert!(help.status.success(), "writ has no command {words:?}");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for flag in flags.iter().filter(is_flag) {
        let flag = flag.split('=').next().unwrap_or_default();
        let known = help.split_whitespace().any(|word| word == flag);
        assert!(known, "{words:?} has no flag {flag}");
    }
    settings(flags, variables).unwrap_or_else(|why| panic!("{command:?} {variables:?}: {why}"));
}

/// What holds by flags and variables, or what is wrong with them.
pub(super) fn settings(flags: &[String], variables: &Variables) -> Result<Vec<Value>, Value> {
    let check = ["check-config", "--json"].map(str::to_owned);
    let output = run(&[&check[..], flags].concat(), variables);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    if said["valid"] == true {
        Ok(said["settings"].as_array().expect("a list").clone())
    } else {
        Err(said["errors"].clone())
    }
}

/// Calls `writ` with no other environment than the given one.
pub(super) fn run(arguments: &[String], variables: &Variables) -> Output {
    Command::new(environment::writ())
        .args(arguments)
        .env_clear()
        .envs(variables)
        .output()
        .expect("writ runs")
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
#[should_panic(expected = "WRIT_FROBNICATION")]
fn a_variable_that_writ_does_not_know_is_found() {
    let variables = [("WRIT_FROBNICATION".to_owned(), "on".to_owned())];
    assert_takes(&owned(&["up"]), &variables.into());
}

#[test]
#[should_panic(expected = "has no flag --frobnicate")]
fn a_flag_that_writ_does_not_know_is_found() {
    assert_takes(&owned(&["up", "--frobnicate=1"]), &Variables::new());
}

#[test]
#[should_panic(expected = "writ has no command")]
fn a_command_that_writ_does_not_know_is_found() {
    assert_takes(&owned(&["frobnicate"]), &Variables::new());
}
