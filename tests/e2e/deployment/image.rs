//! `.docker/Dockerfile`.

use std::process::Command;

use writ_tests::environment;

use super::dockerfile::{self, Stage};
use super::{assert_pinned, in_checkout, read, writ};

/// What every Debian has, however slim.
const OF_DEBIAN: &[&str] = &[
    "ld-linux",
    "libc.so.6",
    "libgcc_s.so.1",
    "libm.so.6",
    "linux-vdso",
];

fn stages() -> [Stage; 2] {
    let stages = dockerfile::parse(&read(".docker/Dockerfile"));
    stages.try_into().expect("one stage builds, one runs")
}

#[test]
fn images_are_pinned_and_the_compiler_is_ours() {
    let stages = stages();
    for stage in &stages {
        assert_pinned(&stage.image);
    }
    let manifest = read("Cargo.toml");
    let line = manifest
        .lines()
        .find(|line| line.starts_with("rust-version"));
    let version = line
        .and_then(|line| line.split('"').nth(1))
        .expect("a version");
    assert!(
        stages[0].image.starts_with(&format!("rust:{version}")),
        "{} is not Rust {version}",
        stages[0].image
    );
}

#[test]
fn what_is_copied_is_there_and_not_ignored() {
    let ignored = read(".dockerignore");
    let kept: Vec<_> = ignored
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for path in &kept {
        assert!(in_checkout(path).exists(), "there is no {path}");
    }
    let [build, run] = stages();
    let mut copied = Vec::new();
    for line in build.all("COPY") {
        let words: Vec<_> = line.split_whitespace().collect();
        let (to, from) = words.split_last().expect("words");
        assert!(from.iter().all(|from| !from.starts_with("--")), "{line}");
        for from in from {
            assert!(in_checkout(from).exists(), "there is no {from}");
            assert!(kept.contains(from), "{from} is ignored");
            assert!(*to == "./" || to == from, "{from} would lie in {to}");
            copied.push((*from).to_owned());
        }
    }
    copied.sort();
    assert_eq!(copied, kept, "what is sent is used");
    // What the second stage takes, the first one has put there.
    let from = format!("--from={}", build.name.as_deref().expect("a name"));
    let taken: Vec<_> = run.all("COPY").collect();
    assert_eq!(
        taken,
        [format!("{from} /usr/local/bin/writ /usr/local/bin/writ")]
    );
    let commands: Vec<_> = build.all("RUN").collect();
    let [cargo] = commands[..] else {
        panic!("one RUN builds");
    };
    assert!(
        cargo.ends_with("install target/release/writ /usr/local/bin/writ"),
        "{cargo}"
    );
    for word in [
        "--locked",
        "--release",
        "--package writ-server",
        "--bin writ",
    ] {
        assert!(cargo.contains(word), "{word} is missing: {cargo}");
    }
}

#[test]
fn it_runs_as_a_user_without_rights_in_a_directory_of_its_own() {
    let [_, run] = stages();
    let [user] = &run.words("USER")[..] else {
        panic!("one user");
    };
    assert!(user != "root" && user != "0");
    let setup: Vec<_> = run.all("RUN").collect();
    let setup = setup.join("\n");
    assert!(
        setup.contains("useradd") && setup.contains(&format!(" {user} ")),
        "{setup}"
    );
    let [dir] = &run.words("VOLUME")[..] else {
        panic!("one volume");
    };
    assert!(setup.contains(&format!("--owner={user}")), "{setup}");
    assert!(setup.contains(&format!("--mode=0700 {dir}")), "{setup}");
    assert!(run.words("ENV").contains(&format!("WRIT_DATA_DIR={dir}")));
}

#[test]
fn writ_takes_its_command_and_variables() {
    let [_, run] = stages();
    assert_eq!(run.words("ENTRYPOINT"), ["/usr/local/bin/writ"]);
    let variables = run.all("ENV").flat_map(str::split_whitespace).map(|pair| {
        let (name, value) = pair.split_once('=').expect("a name and a value");
        (name.to_owned(), value.to_owned())
    });
    let command = run.words("CMD");
    writ::assert_takes(&command, &variables.collect());
    let port = command.last().and_then(|address| address.rsplit_once(':'));
    let [exposed] = &run.words("EXPOSE")[..] else {
        panic!("one port");
    };
    assert_eq!(port.map(|(_, port)| port), Some(exposed.as_str()));
}

#[test]
fn writ_links_nothing_that_the_image_lacks() {
    let output = Command::new("ldd").arg(environment::writ()).output();
    let output = output.expect("ldd runs");
    let linked = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(linked.contains("libc.so.6"), "{linked}");
    for line in linked.lines().map(str::trim) {
        let name = line.rsplit_once('/').filter(|_| !line.contains("=>"));
        let name = name.map_or(line, |(_, name)| name);
        let there = OF_DEBIAN.iter().any(|library| name.starts_with(library));
        assert!(there, "{line}: the image has to install it");
    }
}
