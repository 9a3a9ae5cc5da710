//! The process ends while it is written to; what it had answered is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::Method;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use writ_tests::{Client, Launch, Server};

const WRITERS: usize = 8;
/// Answered before the end comes; below Auth0's limit of roles even with all that are in flight.
const ENOUGH: usize = 100;

/// Writers that go on until the server is gone, and the roles that they were told exist.
struct Load {
    writers: JoinSet<Vec<String>>,
    enough: Arc<Notify>,
}

impl Load {
    fn start(client: &Client) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let enough = Arc::new(Notify::new());
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let client = client.clone();
            let (answered, enough) = (Arc::clone(&answered), Arc::clone(&enough));
            writers.spawn(async move {
                let mut ids = Vec::new();
                for n in 0.. {
                    let role = json!({"name": format!("role {writer} {n}")});
                    let request = client.request(Method::POST, "/api/v2/roles").json(&role);
                    let Ok(answer) = request.try_send().await else {
                        break;
                    };
                    if answer.status != 200 {
                        assert_eq!(answer.status, 503, "{}", answer.text());
                        break;
                    }
                    ids.push(answer.json()["id"].as_str().expect("an id").to_owned());
                    if answered.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
                        enough.notify_one();
                    }
                }
                ids
            });
        }
        Self { writers, enough }
    }

    /// Panics if a writer ends before that.
    async fn wait_for_enough(&mut self) {
        let enough = Arc::clone(&self.enough);
        tokio::select! {
            () = enough.notified() => {}
            ended = self.writers.join_next() => panic!("a writer has ended: {ended:?}"),
        }
    }

    async fn answered(self) -> Vec<String> {
        let ids = self.writers.join_all().await.concat();
        assert!(ids.len() >= ENOUGH);
        ids
    }
}

async fn all_are_there(client: &Client, ids: &[String]) {
    for id in ids {
        drop(client.get(&format!("/api/v2/roles/{id}")).await.expect(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_that_it_answered() {
    let mut server = Server::start().await;
    let mut load = Load::start(&server.client());
    load.wait_for_enough().await;
    server.kill9().await;
    let ids = load.answered().await;

    server.restart().await;
    all_are_there(&server.client(), &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_asked_to_end_drains_and_loses_nothing() {
    let mut server = Server::start().await;
    let mut load = Load::start(&server.client());
    load.wait_for_enough().await;
    let exit = server.sigterm().await;
    assert!(exit.status.success(), "{}", exit.status);
    assert_eq!(exit.stdout, "");
    let ids = load.answered().await;

    server.restart().await;
    all_are_there(&server.client(), &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_decides_again_without_waiting_for_its_own_lease() {
    let launch = Launch::on_fresh_database().await;
    let database = launch
        .database()
        .expect("one of the test cluster")
        .connect()
        .await;
    let mut server = launch.start().await;
    drop(
        server
            .client()
            .post("/api/v2/roles", &json!({"name": "before"}))
            .await
            .expect(200),
    );
    server.restart().await;
    // A lease holds 10 seconds; by the end of that, this command would have expired.
    let soon = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '5 seconds', \
                'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let soon = database
        .query_one(soon, &[])
        .await
        .expect("a time")
        .get::<_, String>(0);
    let command = json!({"type": "CreateRole", "name": "after"});
    let body = json!({"command": command, "not_after": soon});
    drop(
        server
            .client()
            .post("/v1/commands", &body)
            .await
            .expect(200),
    );
}
