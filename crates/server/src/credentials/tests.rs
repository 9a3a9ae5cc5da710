//! Kept, whole, for their owner alone; and nothing lost beside a running server.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn drawer(dir: &tempfile::TempDir) -> Drawer {
    Drawer::of(&DataDir::create(dir.path(), false).unwrap())
}

fn client(scope: &str) -> Client {
    Client {
        secret_sha256: digest("secret"),
        scope: vec![scope.to_owned()],
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn they_are_made_once_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let made = drawer(&dir).read_or_make().unwrap();
    let found = drawer(&dir).read_or_make().unwrap();
    assert_eq!(made.client_id, found.client_id);
    assert_eq!(made.client_secret.expose(), found.client_secret.expose());
    assert_eq!(
        made.signing_key.pem.expose(),
        found.signing_key.pem.expose()
    );
    assert_eq!(
        made.nestauth.secret_key.expose(),
        found.nestauth.secret_key.expose()
    );
    assert!(made.nestauth.secret_key.expose().len() >= 32);
    assert!(made.camunda.user.chars().all(|c| c.is_ascii_alphanumeric()));
}

#[test]
fn only_their_owner_can_read_them() {
    let dir = tempfile::tempdir().unwrap();
    drawer(&dir).read_or_make().unwrap();
    let file = dir.path().join("credentials.json");
    assert_eq!(
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn they_are_in_no_debug_text() {
    let dir = tempfile::tempdir().unwrap();
    let made = drawer(&dir).read_or_make().unwrap();
    let shown = format!("{made:?}");
    for secret in [
        &made.client_secret,
        &made.signing_key.pem,
        &made.database_password,
    ] {
        assert!(!shown.contains(secret.expose()));
    }
}

#[test]
fn before_the_first_start_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(drawer(&dir).read(), Err(Error::Missing { .. })));
    assert!(matches!(
        drawer(&dir).add_client("a".into(), client("a")),
        Err(Error::Missing { .. })
    ));
}

#[test]
fn beside_a_cluster_lost_ones_are_not_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("postgres")).unwrap();
    assert!(matches!(
        drawer(&dir).read_or_make(),
        Err(Error::Lost { .. })
    ));
}

#[test]
fn a_newer_or_broken_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials.json");
    std::fs::write(&file, r#"{"version":2,"shape":"unknown"}"#).unwrap();
    assert!(matches!(
        drawer(&dir).read_or_make(),
        Err(Error::Newer { version: 2, .. })
    ));
    std::fs::write(&file, r#"{"version":1,"client_"#).unwrap();
    assert!(matches!(
        drawer(&dir).read_or_make(),
        Err(Error::Malformed { .. })
    ));
    assert_eq!(std::fs::read(&file).unwrap(), br#"{"version":1,"client_"#);
}

#[test]
fn clients_made_at_the_same_time_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let drawer = drawer(&dir);
    drawer.read_or_make().unwrap();
    std::thread::scope(|threads| {
        for number in 0..8 {
            let drawer = drawer.clone();
            threads.spawn(move || {
                drawer
                    .add_client(format!("client{number}"), client("read:roles"))
                    .unwrap();
            });
        }
    });
    assert_eq!(drawer.read().unwrap().clients.len(), 8);
}

#[test]
fn digests_are_equal_for_equal_secrets_alone() {
    assert!(same_digest(&digest("a"), &digest("a")));
    assert!(!same_digest(&digest("a"), &digest("b")));
    assert!(!same_digest(&digest("a"), ""));
}
