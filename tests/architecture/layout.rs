//! Where things lie.

use std::fs;
use std::path::{Path, PathBuf};

/// All that the top level may hold besides dotfiles.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "crates",
    "docker-compose.yml",
    "schemas",
    "tests",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the workspace")
        .to_owned()
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

/// The names that are not of a forward-only series `V0001__what.sql`, `V0002__…` without a hole.
fn misnamed(files: &[String]) -> Vec<&str> {
    let of_series = |(index, file): (usize, &String)| {
        let what = file
            .strip_prefix(&format!("V{:04}__", index + 1))?
            .strip_suffix(".sql")?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        (!what.is_empty() && what.chars().all(plain)).then_some(())
    };
    files
        .iter()
        .enumerate()
        .filter(|(index, file)| of_series((*index, file)).is_none())
        .map(|(_, file)| file.as_str())
        .collect()
}

#[test]
fn the_top_level_holds_what_it_may() {
    let strange: Vec<_> = names_in(&root())
        .into_iter()
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .filter(|name| name != "target") // cargo's default; git ignores it
        .collect();
    assert_eq!(strange, Vec::<String>::new());
}

#[test]
fn every_crate_lies_in_the_directory_of_its_name() {
    for package in crate::arrows::metadata().workspace_packages() {
        let dir = package
            .manifest_path
            .parent()
            .and_then(|dir| dir.file_name())
            .expect("a name");
        assert_eq!(package.name.as_str(), format!("writ-{dir}"));
    }
}

#[test]
fn migrations_go_forward_only() {
    let files = names_in(&root().join("crates/store/migrations"));
    assert!(!files.is_empty());
    assert_eq!(misnamed(&files), Vec::<&str>::new());
}

#[test]
fn a_misnamed_migration_is_found() {
    let files = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        misnamed(&files(&["V0001__ledger.sql", "V0002__views_2.sql"])),
        Vec::<&str>::new()
    );
    assert_eq!(
        misnamed(&files(&["V0001__ledger.sql", "V0003__views.sql"])),
        ["V0003__views.sql"]
    );
    assert_eq!(
        misnamed(&files(&["U0001__ledger.sql"])),
        ["U0001__ledger.sql"]
    );
    assert_eq!(misnamed(&files(&["V0001__down.txt"])), ["V0001__down.txt"]);
    assert_eq!(misnamed(&files(&["V1__ledger.sql"])), ["V1__ledger.sql"]);
}
