//! The files by which others run Writ: no container engine is needed to see that they are right.
//!
//! What they name is looked up where it is defined: settings, commands and flags in the binary,
//! Kafka's settings in a running Kafka, paths in the checkout.

mod compose;
mod dockerfile;
mod image;
mod services;
mod writ;
mod yaml;

use std::fs;
use std::path::Path;

fn in_checkout(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> String {
    let full = in_checkout(path);
    fs::read_to_string(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()))
}

/// Whether an image is named with a version, of which there is but one.
#[track_caller]
fn assert_pinned(image: &str) {
    let (_, tag) = image
        .rsplit_once(':')
        .unwrap_or_else(|| panic!("{image} has no tag"));
    let version = tag.split('-').next().unwrap_or_default();
    let exact = version.matches('.').count() > 0
        && version.split('.').all(|part| part.parse::<u32>().is_ok());
    assert!(exact, "{image} has no exact version");
}

#[test]
#[should_panic(expected = "has no exact version")]
fn an_image_of_the_day_is_found() {
    assert_pinned("postgres:17");
}
