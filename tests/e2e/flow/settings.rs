//! Settings that cannot be right are refused at the start, by name.

use writ_tests::{Launch, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_variable_is_refused_by_name() {
    let launch = Launch::on_fresh_database()
        .await
        .setting("WRIT_FROBNICATION", "on");
    let (exit, errors) = launch.fail().await;
    assert!(!exit.status.success());
    assert_eq!(exit.stdout, "");
    assert!(errors.contains("WRIT_FROBNICATION"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_postgres_cannot_enter_is_named() {
    let Some(world) = World::plain().closed_to_others() else {
        return;
    };
    let path = world.path().to_owned();
    let (exit, errors) = Launch::embedded(world).fail().await;
    assert!(!exit.status.success());
    assert_eq!(exit.stdout, "");
    assert!(errors.contains(&path.display().to_string()), "{errors}");
}
