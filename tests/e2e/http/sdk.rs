//! A real SDK in its own language, against a real server.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tokio::process::Command;
use writ_tests::{Server, environment};

#[tokio::test(flavor = "multi_thread")]
async fn the_npm_sdk_of_auth0_makes_its_tour() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().expect("a temporary directory");
    // An ES module finds its packages beside itself, and the checkout is not to hold them.
    symlink(
        environment::auth0_sdk().join("node_modules"),
        dir.path().join("node_modules"),
    )
    .expect("a link to the packages");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("auth0-sdk/roundtrip.mjs");
    fs::copy(script, dir.path().join("roundtrip.mjs")).expect("a copy of the script");

    let output = Command::new("node")
        .arg("roundtrip.mjs")
        .current_dir(dir.path())
        .env("WRIT_ADDRESS", server.address())
        .env("WRIT_CLIENT_ID", &server.ready().client_id)
        .env("WRIT_CLIENT_SECRET", &server.ready().client_secret)
        .kill_on_drop(true)
        .output()
        .await
        .expect("node runs");

    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert_eq!(said.trim(), "tour done");
}
