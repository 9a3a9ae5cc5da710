//! The README's table of promises names tests that are there.

use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The names in backticks that are names of tests: several words, and nothing else in them.
fn named(row: &str) -> impl Iterator<Item = &str> {
    let is_test = |name: &&str| {
        name.matches('_').count() > 2
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    row.split('`').skip(1).step_by(2).filter(is_test)
}

fn sources(dir: &Path, text: &mut String) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("UTF-8"));
        }
    }
}

#[test]
fn every_promise_is_guarded_by_tests_that_exist() {
    let root = Path::new(ROOT);
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let mut tests = String::new();
    sources(&root.join("crates"), &mut tests);
    sources(&root.join("tests"), &mut tests);
    for number in 1..=12 {
        let start = format!("| P{number} |");
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("the README has no row for P{number}"));
        assert!(named(row).next().is_some(), "P{number} names no test");
        for name in named(row) {
            assert!(
                tests.contains(&format!("fn {name}(")),
                "P{number}: there is no test {name}"
            );
        }
    }
}

#[test]
fn names_of_tests_are_told_from_other_code() {
    let row = "| P0 | `as_of=` of `verify`: `two_words`, `a_test_of_many_words`, `writ verify` |";
    assert_eq!(named(row).collect::<Vec<_>>(), ["a_test_of_many_words"]);
}
