//! Precedence, unknown names, and what may be shown.

use std::path::PathBuf;

use super::value::{Listen, Names, OrOff, Partitions, PostgresChoice, Role, Word};
use super::{Environment, Flags, Invalid, Loaded, Shown, load};

fn file(text: &str) -> (tempfile::TempDir, Flags) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("writ.toml");
    std::fs::write(&path, text).unwrap();
    (
        dir,
        Flags {
            config: Some(path),
            ..Flags::default()
        },
    )
}

fn shown<'a>(loaded: &'a Loaded, key: &str) -> &'a Shown {
    loaded.shown.iter().find(|shown| shown.key == key).unwrap()
}

fn complaints(loaded: Result<Loaded, Invalid>) -> Vec<String> {
    loaded.expect_err("the settings are wrong").0
}

#[test]
fn without_anything_the_defaults_hold() {
    let loaded = load(
        &Flags::default(),
        &Environment::from([("HOME", "/home/ann")]),
    )
    .unwrap();
    assert_eq!(loaded.settings.listen, Listen("127.0.0.1:4480".into()));
    assert_eq!(loaded.settings.partitions, Partitions::Auto);
    assert_eq!(loaded.settings.auth0_rate_limit, OrOff::Off);
    assert_eq!(shown(&loaded, "listen").source, "default");
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let (_dir, from_file) = file("listen = '127.0.0.1:1'\ntenant = 'file'\npartitions = 3\n");
    let both = Environment::from([("WRIT_LISTEN", "127.0.0.1:2"), ("WRIT_TENANT", "variable")]);
    let flags = Flags {
        listen: Some("127.0.0.1:3".into()),
        ..from_file
    };
    let loaded = load(&flags, &both).unwrap();
    assert_eq!(shown(&loaded, "listen").value, "127.0.0.1:3");
    assert_eq!(shown(&loaded, "listen").source, "--listen");
    assert_eq!(shown(&loaded, "tenant").value, "variable");
    assert_eq!(shown(&loaded, "tenant").source, "WRIT_TENANT");
    assert_eq!(loaded.settings.partitions, Partitions::Exactly(3));
    assert!(shown(&loaded, "partitions").source.ends_with("writ.toml"));
}

#[test]
fn a_file_can_be_named_by_the_environment() {
    let (_dir, flags) = file("tenant = 'file'");
    let path = flags.config.unwrap();
    let environment = Environment::from([("WRIT_CONFIG", path.to_str().unwrap())]);
    let loaded = load(&Flags::default(), &environment).unwrap();
    assert_eq!(shown(&loaded, "tenant").value, "file");
}

#[test]
fn an_unknown_key_or_variable_is_named() {
    let (dir, flags) = file("listn = '127.0.0.1:1'");
    let path = dir.path().join("writ.toml");
    assert_eq!(
        complaints(load(
            &flags,
            &Environment::from([("WRIT_LISTN", "x"), ("WRIT_listen", "x")])
        )),
        [
            "unknown setting `WRIT_LISTN` in the environment".to_owned(),
            "unknown setting `WRIT_listen` in the environment".to_owned(),
            format!("unknown setting `listn` in {}", path.display()),
        ]
    );
}

#[test]
fn variables_of_tests_and_of_others_are_let_be() {
    let environment = Environment::from([("WRIT_TEST_DATABASE_URL", "x"), ("HOME", "/home/ann")]);
    assert!(load(&Flags::default(), &environment).is_ok());
}

#[test]
fn a_file_that_is_not_there_or_not_toml_is_named() {
    let missing = Flags {
        config: Some(PathBuf::from("/nowhere/writ.toml")),
        ..Flags::default()
    };
    let complaint = complaints(load(&missing, &Environment::default())).join(";");
    assert!(complaint.contains("/nowhere/writ.toml"), "{complaint}");
    let (_dir, broken) = file("listen = ");
    let complaint = complaints(load(&broken, &Environment::default())).join(";");
    assert!(complaint.contains("writ.toml"), "{complaint}");
}

#[test]
fn every_wrong_value_is_reported_with_its_source_and_without_itself() {
    let (_dir, flags) = file("nestauth_secret_key = 'hunter2'\nroles = ['query', 'king']\n");
    let environment = Environment::from([("WRIT_PARTITIONS", "0"), ("WRIT_LISTEN", "::1:80")]);
    let complaints = complaints(load(&flags, &environment));
    assert_eq!(complaints.len(), 4, "{complaints:?}");
    assert_eq!(
        complaints[0],
        "`listen` from WRIT_LISTEN: must be HOST:PORT"
    );
    assert_eq!(
        complaints[1],
        "`partitions` from WRIT_PARTITIONS: must be `auto` or a number from 1 to 4096"
    );
    assert!(complaints[2].ends_with("must be one of command, projector, query"));
    assert!(complaints[3].ends_with("must have at least 32 characters"));
    assert!(!complaints.join(";").contains("hunter2"));
}

#[test]
fn a_file_may_use_numbers_booleans_and_lists() {
    let (_dir, flags) = file(
        "body_limit_bytes = 4096\nnestauth_csrf = true\nnestauth_login_limit = false\n\
         nestauth_guards = ['web', 'api', 'kiosk']\nroles = 'projector'\n",
    );
    let settings = load(&flags, &Environment::default()).unwrap().settings;
    assert_eq!(settings.body_limit_bytes.0, 4096);
    assert_eq!(settings.nestauth_login_limit, OrOff::Off);
    let guards = ["web", "api", "kiosk"].map(|guard| Word(guard.to_owned()));
    assert_eq!(settings.nestauth_guards, Names(guards.to_vec()));
    assert_eq!(settings.roles, Names(vec![Role::Projector]));
}

#[test]
fn a_table_is_not_a_setting() {
    let (_dir, flags) = file("[listen]\nhost = 'x'\n");
    let complaint = complaints(load(&flags, &Environment::default())).join(";");
    assert!(complaint.contains("`listen` in"), "{complaint}");
}

#[test]
fn both_variables_name_a_database_and_ours_wins() {
    let url = |environment| {
        let loaded = load(&Flags::default(), &environment).unwrap();
        shown(&loaded, "database_url").clone()
    };
    assert_eq!(
        url(Environment::from([("DATABASE_URL", "postgres://a")])).source,
        "DATABASE_URL"
    );
    let both = [
        ("DATABASE_URL", "postgres://a"),
        ("WRIT_DATABASE_URL", "postgres://b"),
    ];
    let both = url(Environment::from(both));
    assert_eq!(both.source, "WRIT_DATABASE_URL");
    assert_eq!(both.value, "[redacted]");
}

#[test]
fn secrets_are_in_no_debug_text() {
    let environment = Environment::from([
        ("DATABASE_URL", "postgres://ann:hunter2@db/writ"),
        (
            "WRIT_NESTAUTH_SECRET_KEY",
            "hunter2hunter2hunter2hunter2hunter2",
        ),
    ]);
    let loaded = load(&Flags::default(), &environment).unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"));
}

#[test]
fn postgres_programs_are_found_fetched_or_given() {
    let choice = |text| {
        load(
            &Flags {
                postgres_bin: Some(text),
                ..Flags::default()
            },
            &Environment::default(),
        )
    };
    assert_eq!(
        choice("download".into()).unwrap().settings.postgres_bin,
        PostgresChoice::Download
    );
    assert_eq!(
        choice("/opt/pg/bin".into()).unwrap().settings.postgres_bin,
        PostgresChoice::Directory("/opt/pg/bin".into())
    );
    assert!(choice("bin".into()).is_err());
}

#[test]
fn what_is_logged_must_be_a_filter() {
    let log = |text: &str| {
        let environment = Environment::from([("WRIT_LOG", text)]);
        load(&Flags::default(), &environment)
    };
    assert!(log("warn,writ=debug").is_ok());
    assert_eq!(complaints(log("writ=loud")).len(), 1);
    assert_eq!(complaints(log("")).len(), 1);
}
