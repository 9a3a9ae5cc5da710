//! Which crate of ours may depend on which.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Each crate with its layer and, of those it may name, the ones in `src`.
const PICTURE: &[(&str, u8, &[&str])] = &[
    ("crash", 0, &[]),
    ("domain", 0, &[]),
    ("envelope", 1, &["domain"]),
    ("http", 1, &["domain"]),
    ("log", 1, &["domain"]),
    // Positions are types of `domain`, so whoever speaks `log` speaks `domain`.
    ("log-kafka", 2, &["domain", "log"]),
    ("log-postgres", 2, &["crash", "domain", "log", "store"]),
    ("store", 2, &["crash", "domain", "envelope", "log"]),
    (
        "command",
        3,
        &["crash", "domain", "envelope", "http", "log", "store"],
    ),
    (
        "projector",
        3,
        &["crash", "domain", "envelope", "log", "store"],
    ),
    ("query", 3, &["domain", "http", "store"]),
    (
        "dialect-auth0",
        3,
        &["command", "domain", "http", "query", "store"],
    ),
    (
        "dialect-camunda",
        3,
        &["command", "domain", "http", "query", "store"],
    ),
    (
        "dialect-nestauth",
        3,
        &["command", "domain", "http", "query", "store"],
    ),
    (
        "server",
        4,
        &[
            "command",
            "dialect-auth0",
            "dialect-camunda",
            "dialect-nestauth",
            "domain",
            "envelope",
            "http",
            "log",
            "log-kafka",
            "log-postgres",
            "projector",
            "query",
            "store",
        ],
    ),
    // For development: the simulator drives what production runs.
    (
        "sim",
        4,
        &[
            "command",
            "domain",
            "envelope",
            "log",
            "projector",
            "query",
            "store",
        ],
    ),
    // For development: the generators read the contract, the tests run the binary from outside.
    ("xtask", 5, &["envelope", "http"]),
    ("tests", 5, &[]),
];

/// Names that say nothing about what is inside.
const NAMELESS: &[&str] = &[
    "utils", "util", "common", "helpers", "shared", "core", "misc",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// In `src` or in a build script.
    Code,
    /// Only in tests.
    Test,
}

pub(crate) type Arrow = (String, String, Kind);

/// What is wrong with a set of crates and arrows between them, in words.
fn violations(crates: &BTreeSet<String>, arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let picture: BTreeMap<&str, (u8, &[&str])> = PICTURE
        .iter()
        .map(|(name, layer, may)| (*name, (*layer, *may)))
        .collect();
    let mut found = Vec::new();
    for name in crates {
        if NAMELESS.contains(&name.as_str()) {
            found.push(format!("{name}: a crate is named after what it does"));
        } else if !picture.contains_key(name.as_str()) {
            found.push(format!("{name}: has no place in the picture"));
        }
    }
    for (from, to, kind) in arrows {
        let (Some((layer, may)), Some((other, _))) =
            (picture.get(from.as_str()), picture.get(to.as_str()))
        else {
            continue;
        };
        let allowed = match kind {
            Kind::Code => may.contains(&to.as_str()),
            // Tests may stand on a neighbour, never on something above.
            Kind::Test => other <= layer,
        };
        if !allowed {
            found.push(format!(
                "{from} -> {to}: an arrow that is not in the picture ({kind:?})"
            ));
        }
    }
    found
}

const LOCKED: &str = "--locked";
const ALL_FEATURES: &str = "--all-features";
/// Without one, crates for platforms that Writ is never built for are in the graph.
const PLATFORM: &str = "--filter-platform=x86_64-unknown-linux-gnu";

pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options([LOCKED, ALL_FEATURES, PLATFORM].map(str::to_owned))
        .exec()
        .expect("cargo metadata")
}

/// The name of a crate of ours in the picture: its directory.
fn short(package: &str) -> Option<&str> {
    package.strip_prefix("writ-")
}

fn workspace() -> (BTreeSet<String>, BTreeSet<Arrow>) {
    let metadata = metadata();
    let mut crates = BTreeSet::new();
    let mut arrows = BTreeSet::new();
    for package in metadata.workspace_packages() {
        let from = short(&package.name).expect("packages are named writ-<dir>");
        crates.insert(from.to_owned());
        for dependency in &package.dependencies {
            if let Some(to) = short(&dependency.name) {
                let kind = match dependency.kind {
                    DependencyKind::Development => Kind::Test,
                    _ => Kind::Code,
                };
                arrows.insert((from.to_owned(), to.to_owned(), kind));
            }
        }
    }
    (crates, arrows)
}

#[test]
fn every_arrow_is_in_the_picture() {
    let (crates, arrows) = workspace();
    assert!(arrows.contains(&("store".to_owned(), "domain".to_owned(), Kind::Code)));
    assert_eq!(violations(&crates, &arrows), Vec::<String>::new());
}

#[test]
fn the_picture_itself_points_down_and_has_no_cycle() {
    let layers: BTreeMap<&str, u8> = PICTURE
        .iter()
        .map(|(name, layer, _)| (*name, *layer))
        .collect();
    for (name, layer, may) in PICTURE {
        for to in *may {
            assert!(layers[to] <= *layer, "{name} -> {to} points up");
        }
    }
    // Taking away, again and again, whoever needs nothing that is left must empty the picture.
    let mut left: BTreeMap<&str, BTreeSet<&str>> = PICTURE
        .iter()
        .map(|(name, _, may)| (*name, may.iter().copied().collect()))
        .collect();
    while !left.is_empty() {
        let free: BTreeSet<&str> = left
            .iter()
            .filter(|(_, may)| may.iter().all(|to| !left.contains_key(to)))
            .map(|(name, _)| *name)
            .collect();
        assert!(!free.is_empty(), "a cycle among {:?}", left.keys());
        left.retain(|name, _| !free.contains(name));
    }
}

#[test]
fn a_forbidden_arrow_is_found() {
    let check = |from: &str, to: &str, kind| {
        let crates = [from, to].map(str::to_owned).into();
        let arrows = [(from.to_owned(), to.to_owned(), kind)].into();
        violations(&crates, &arrows)
    };
    let not_in_picture = |from, to, kind| {
        vec![format!(
            "{from} -> {to}: an arrow that is not in the picture ({kind:?})"
        )]
    };

    for (from, to) in [
        ("domain", "store"),
        ("envelope", "log"),
        ("query", "command"),
        ("projector", "http"),
        ("dialect-auth0", "log"),
        ("dialect-auth0", "dialect-camunda"),
        ("store", "projector"),
        ("tests", "domain"),
    ] {
        assert_eq!(
            check(from, to, Kind::Code),
            not_in_picture(from, to, Kind::Code)
        );
    }
    assert_eq!(
        check("store", "command", Kind::Test),
        not_in_picture("store", "command", Kind::Test)
    );
    assert_eq!(
        check("projector", "log-postgres", Kind::Test),
        Vec::<String>::new()
    );
    assert_eq!(check("command", "store", Kind::Code), Vec::<String>::new());
}

#[test]
fn a_crate_without_a_place_or_a_name_is_found() {
    let crates = ["domain", "common", "frobnicator"]
        .map(str::to_owned)
        .into();
    assert_eq!(
        violations(&crates, &BTreeSet::new()),
        [
            "common: a crate is named after what it does",
            "frobnicator: has no place in the picture"
        ]
    );
}
