//! A ledger behind the routes, with an admin.

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;
use writ_command::{CommandIds, Options, Parts, Service};
use writ_domain::{
    BucketMap, Clock, Command, CommandId, GenericUuid as _, Outcome, Partition, RevokeMode,
    TenantId, TenantSeq,
};
use writ_http::body::Limits;
use writ_http::{Caller, Provenance};
use writ_log::memory::{self, MemoryLog};
use writ_projector::{Owner, Statuses};
use writ_store::Store;
use writ_store::entries::{self, Entry, Heads};
use writ_store::ledger::Rehearsal;

use crate::{CamundaState, IdSource, Passwords, Profile, router};

pub(super) const ADMIN: (&str, &str) = ("admin", "secret");

#[derive(Debug)]
struct TestClock;

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    DateTime::from_timestamp(since.as_secs().try_into().unwrap(), since.subsec_nanos()).unwrap()
}

/// Ids by counting.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl CommandIds for Counting {
    fn command_id(&self) -> CommandId {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        CommandId::from_untyped_uuid(Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0000 | number))
    }
}

impl IdSource for Counting {
    fn random(&self) -> u128 {
        self.0.fetch_add(1, Ordering::Relaxed).into()
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(super) fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), self.body.as_str()), (status, body));
    }
}

pub(super) struct World {
    router: Router,
    service: Service,
    pub(super) store: Store,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Profile::Faithful).await
    }

    /// A world with an admin, whose entry is the first.
    pub(super) async fn with(profile: Profile) -> Self {
        let config = database().await;
        let store = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        store.migrate().await.unwrap();
        store.begin_ledger(1).await.unwrap();
        let log_options = memory::Options {
            partitions: 1,
            ..Default::default()
        };
        let log = Arc::new(MemoryLog::new(log_options, now));
        let parts = Parts {
            log: Arc::clone(&log) as Arc<dyn writ_log::Log>,
            buckets: BucketMap::try_new(1).unwrap(),
            store: store.clone(),
            heads: Heads::new(),
            clock: Arc::new(TestClock),
            ids: Arc::new(Counting::default()),
            rehearsal: Arc::new(Rehearsal::new(config.clone())),
        };
        let options = Options {
            listen: false,
            poll_every: Duration::from_mins(1),
            ..Options::default()
        };
        let service = Service::new(parts, options);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let told = service.clone();
        let owner = Owner::new(
            Partition(0),
            (log, config),
            Arc::new(TestClock),
            Statuses::default(),
            Arc::new(move |entries| told.committed(entries)),
            (
                writ_projector::share::Share::new(1),
                writ_projector::Options::new("test".to_owned()),
            ),
        );
        let ending = stop.clone();
        tasks.spawn(async move { owner.run(ending).await });
        let passwords = Passwords::new(2, [7; 32]);
        let hash = passwords.hash(ADMIN.1, 1).await.unwrap();
        let router = router(CamundaState {
            commands: Arc::new(service.clone()),
            store: store.clone(),
            tenant: tenant(),
            ids: Arc::new(Counting::default()),
            passwords,
            body_limits: Limits::default(),
            profile,
        });
        let world = Self {
            router,
            service,
            store,
            stop,
            tasks,
        };
        let (user, password_hash) = (ADMIN.0.to_owned(), hash);
        world
            .submit(Command::InstallCamundaAdmin {
                user,
                password_hash,
            })
            .await;
        world
    }

    /// Ends what runs behind the routes.
    pub(super) async fn end(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }

    /// Submits a command of nobody's in particular.
    pub(super) async fn submit(&self, command: Command) {
        let request = writ_command::Request {
            caller: Caller {
                tenant: tenant(),
                subject: "test".to_owned(),
                client_id: None,
                scopes: std::collections::BTreeSet::new(),
                address: None,
                user_agent: None,
                auth0_client: None,
            },
            provenance: Provenance::default(),
            fingerprint: [0; 32],
            command,
            expected: None,
        };
        let decided = self.service.submit(request).await.unwrap();
        assert_eq!(decided.entry.outcome, Outcome::Applied);
    }

    pub(super) async fn configure(&self, revoke_mode: RevokeMode) {
        self.submit(Command::ConfigureCamunda { revoke_mode }).await;
    }

    /// How many entries there are.
    pub(super) async fn entries(&self) -> u64 {
        let head = entries::head(&self.store, &tenant()).await.unwrap();
        head.map_or(0, |head| head.tenant_seq.0)
    }

    /// The newest entry.
    pub(super) async fn newest(&self) -> Entry {
        let at = TenantSeq(self.entries().await);
        entries::at(&self.store, &tenant(), at)
            .await
            .unwrap()
            .unwrap()
    }

    /// Asks as the admin.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        self.ask_as(ADMIN, method, path, body).await
    }

    pub(super) async fn ask_as(
        &self,
        (user, password): (&str, &str),
        method: &str,
        path: &str,
        body: &str,
    ) -> Reply {
        let basic = basic(user, password);
        let mut headers = vec![("authorization", basic.as_str())];
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.send(method, path, body, &headers).await
    }

    /// Asks as the admin, with more headers.
    pub(super) async fn ask_more(
        &self,
        method: &str,
        path: &str,
        body: &str,
        more: &[(&str, &str)],
    ) -> Reply {
        let basic = basic(ADMIN.0, ADMIN.1);
        let mut headers = vec![("authorization", basic.as_str())];
        headers.extend(more);
        self.send(method, path, body, &headers).await
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        let uri = format!("/engine-rest{path}");
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Makes an authorization as the admin; its id.
    pub(super) async fn made(&self, body: &str) -> String {
        let reply = self.ask("POST", "/authorization/create", body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// Makes a user whose password is its id.
    pub(super) async fn user(&self, id: &str) {
        let body = format!(r#"{{"profile":{{"id":"{id}"}},"credentials":{{"password":"{id}"}}}}"#);
        let reply = self.ask("POST", "/user/create", &body).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn tenant() -> TenantId {
    TenantId::try_new("acme").unwrap()
}

/// A database of its own.
async fn database() -> tokio_postgres::Config {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "the test stack says where Postgres is"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL").expect("`cargo xtask test` starts Postgres");
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let stamp = now().timestamp_micros();
    let name = format!("camunda_{}_{stamp}_{number}", std::process::id());
    let (client, connection) = config.connect(NoTls).await.unwrap();
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    config.dbname(&name);
    config
}
