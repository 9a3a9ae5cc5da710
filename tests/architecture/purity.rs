//! What the pure crates may bring along, however indirectly.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::DependencyKind;

use crate::arrows;

/// Crates that read, write, wait or listen.
const IMPURE: &[&str] = &[
    "async-trait",
    "axum",
    "deadpool-postgres",
    "futures-util",
    "hyper",
    "mio",
    "postgres-types",
    "rand",
    "rdkafka",
    "reqwest",
    "socket2",
    "tokio",
    "tokio-postgres",
    "tokio-util",
    "tracing-subscriber",
];

/// All that `domain` may name.
const OF_DOMAIN: &[&str] = &["chrono", "newtype-uuid", "thiserror", "uuid"];

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Everything that is reached from `from`, itself included.
fn closure<'a>(graph: &'a Graph, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(graph.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

fn impure<'a>(graph: &'a Graph, from: &'a str) -> Vec<&'a str> {
    closure(graph, from)
        .into_iter()
        .filter(|name| IMPURE.contains(name))
        .collect()
}

/// Every crate of the tree with what it links; features are those of the whole workspace.
fn linked() -> Graph {
    let metadata = arrows::metadata();
    let names: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let mut graph = Graph::new();
    for node in &resolve.nodes {
        let linked = node
            .deps
            .iter()
            .filter(|dep| {
                dep.dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            })
            .map(|dep| names[&dep.pkg].to_owned());
        graph
            .entry(names[&node.id].to_owned())
            .or_default()
            .extend(linked);
    }
    graph
}

#[test]
fn domain_and_envelope_do_no_io() {
    let graph = linked();
    assert!(
        impure(&graph, "writ-store").contains(&"tokio-postgres"),
        "the graph is read wrongly"
    );
    assert_eq!(impure(&graph, "writ-domain"), Vec::<&str>::new());
    assert_eq!(impure(&graph, "writ-envelope"), Vec::<&str>::new());
}

#[test]
fn domain_names_four_crates_at_most() {
    let graph = linked();
    let others: Vec<_> = graph["writ-domain"]
        .iter()
        .filter(|name| !OF_DOMAIN.contains(&name.as_str()))
        .collect();
    assert_eq!(others, Vec::<&String>::new());
}

#[test]
fn an_indirect_driver_is_found() {
    let graph: Graph = [
        ("pure", "helper"),
        ("helper", "driver"),
        ("driver", "tokio"),
    ]
    .map(|(from, to)| (from.to_owned(), [to.to_owned()].into()))
    .into();
    assert_eq!(impure(&graph, "pure"), ["tokio"]);
}
