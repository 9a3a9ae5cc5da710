//! A ledger that commands are submitted to, and a client that reads it.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;
use writ_command::{CommandIds, Decided, Options, Parts, Service};
use writ_domain::{
    BucketMap, Clock, Command, CommandId, GenericUuid as _, Partition, PermissionRef,
    PermissionSpec, Realm, Settings, TenantId,
};
use writ_http::{Caller, Provenance, Revision};
use writ_log::Log;
use writ_log::memory::{self, MemoryLog};
use writ_projector::{Owner, Statuses};
use writ_store::Store;
use writ_store::entries::Heads;
use writ_store::ledger::Rehearsal;

use super::issuer::{token, verifier};
use crate::{Asker, Hub, HubOptions, Patience, QueryState, router};

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

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl CommandIds for Counting {
    fn command_id(&self) -> CommandId {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        CommandId::from_untyped_uuid(Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0000 | number))
    }
}

pub(super) fn patience() -> Patience {
    Patience {
        at_least: Duration::from_secs(30),
        long_poll_max: Duration::from_secs(30),
    }
}

/// A ledger with everything but HTTP. Everything ends with it.
pub(super) struct World {
    pub(super) service: Service,
    pub(super) store: Store,
    /// Where its database is.
    pub(super) config: tokio_postgres::Config,
    heads: Heads,
    pub(super) hub: Hub,
    pub(super) end_streams: CancellationToken,
    _tasks: JoinSet<()>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(HubOptions::default()).await
    }

    pub(super) async fn with(streams: HubOptions) -> Self {
        let (config, mut tasks) = database().await;
        let store = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        store.migrate().await.unwrap();
        store.begin_ledger(1).await.unwrap();
        let log = MemoryLog::new(
            memory::Options {
                partitions: 1,
                ..Default::default()
            },
            now,
        );
        let log: Arc<dyn Log> = Arc::new(log);
        let heads = Heads::new();
        let parts = Parts {
            log: Arc::clone(&log),
            buckets: BucketMap::try_new(1).unwrap(),
            store: store.clone(),
            heads: heads.clone(),
            clock: Arc::new(TestClock),
            ids: Arc::new(Counting::default()),
            rehearsal: Arc::new(Rehearsal::new(config.clone())),
        };
        let service = Service::new(parts, Options::default());
        let told = service.clone();
        let owner = Owner::new(
            Partition(0),
            (log, config.clone()),
            Arc::new(TestClock),
            Statuses::default(),
            Arc::new(move |entries| told.committed(entries)),
            (
                writ_projector::share::Share::new(1),
                writ_projector::Options::new("test".to_owned()),
            ),
        );
        tasks.spawn(owner.run(CancellationToken::new()));
        let (hub, end_streams) = (
            Hub::new(store.clone(), heads.clone(), streams),
            CancellationToken::new(),
        );
        tasks.spawn(hub.clone().run(end_streams.clone()));
        Self {
            service,
            store,
            config,
            heads,
            hub,
            end_streams,
            _tasks: tasks,
        }
    }

    pub(super) async fn submit(&self, command: Command) -> Decided {
        self.submit_for("default", command).await
    }

    pub(super) async fn submit_for(&self, tenant: &str, command: Command) -> Decided {
        let caller = Caller {
            tenant: TenantId::try_new(tenant).unwrap(),
            subject: "ann".to_owned(),
            client_id: None,
            scopes: BTreeSet::new(),
            address: None,
            user_agent: None,
            auth0_client: None,
        };
        let provenance = Provenance {
            reason: Some("because".to_owned()),
            ..Provenance::default()
        };
        let (fingerprint, expected) = ([0; 32], None);
        let request = writ_command::Request {
            caller,
            provenance,
            fingerprint,
            command,
            expected,
        };
        self.service.submit(request).await.unwrap()
    }

    pub(super) fn client(&self, scopes: &str) -> Client {
        self.impatient(scopes, patience())
    }

    pub(super) fn impatient(&self, scopes: &str, patience: Patience) -> Client {
        let state = QueryState {
            hub: self.hub.clone(),
            asker: Asker::new(self.store.clone()),
            store: self.store.clone(),
            heads: self.heads.clone(),
            verifier: verifier(Arc::new(TestClock)),
            patience,
            body_limits: writ_http::body::Limits::default(),
        };
        Client {
            router: router(state),
            token: token("ann", scopes),
        }
    }
}

async fn database() -> (tokio_postgres::Config, JoinSet<()>) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "the test stack says where Postgres is"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL").expect("`cargo xtask test` starts Postgres");
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    let (number, stamp) = (
        COUNT.fetch_add(1, Ordering::Relaxed),
        now().timestamp_micros(),
    );
    let name = format!("query_{}_{stamp}_{number}", std::process::id());
    let (client, connection) = config.connect(NoTls).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async { connection.await.unwrap() });
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    config.dbname(&name);
    (config, tasks)
}

pub(super) struct Client {
    router: Router,
    token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) text: String,
    pub(super) revision: Option<Revision>,
}

impl Answer {
    pub(super) fn seq(&self) -> u64 {
        self.revision.as_ref().unwrap().tenant_seq.0
    }

    /// The status and the problem's code.
    pub(super) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap())
    }

    /// One member of each element of a list.
    pub(super) fn each(&self, list: &str, member: &str) -> Vec<Value> {
        let list = self.body[list]
            .as_array()
            .unwrap_or_else(|| panic!("{}", self.text));
        list.iter().map(|element| element[member].clone()).collect()
    }
}

impl Client {
    pub(super) fn with_token(self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self
        }
    }

    pub(super) async fn get(&self, uri: &str) -> Answer {
        self.get_with(uri, &[]).await
    }

    pub(super) async fn get_with(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.request("GET", uri, headers);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let revision = parts.headers.get("writ-revision");
        Answer {
            status: parts.status.as_u16(),
            body: serde_json::from_str(&text).unwrap(),
            text,
            revision: revision.map(|value| value.to_str().unwrap().parse().unwrap()),
        }
    }

    pub(super) async fn post(&self, uri: &str, body: &Value) -> Answer {
        let request = self.request("POST", uri, &[]);
        let request = request.body(Body::from(body.to_string())).unwrap();
        self.send(request).await
    }

    /// A stream of events, after the one of this id.
    pub(super) async fn stream(&self, uri: &str, last: Option<u64>) -> (u16, Events) {
        let last = last.map(|last| last.to_string());
        let headers: Vec<(&str, &str)> = last
            .iter()
            .map(|last| ("last-event-id", last.as_str()))
            .collect();
        let request = self
            .request("GET", uri, &headers)
            .body(Body::empty())
            .unwrap();
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        (
            parts.status.as_u16(),
            Events {
                body,
                text: String::new(),
            },
        )
    }

    fn request(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
    ) -> axum::http::request::Builder {
        let bearer = format!("Bearer {}", self.token);
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::AUTHORIZATION, bearer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    }

    /// A read that succeeds.
    pub(super) async fn read(&self, uri: &str) -> Answer {
        let answer = self.get(uri).await;
        assert_eq!(
            answer.status,
            StatusCode::OK.as_u16(),
            "{uri}: {}",
            answer.text
        );
        answer
    }
}

/// Events of a stream.
pub(super) struct Events {
    body: Body,
    text: String,
}

/// One of them.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub(super) id: Option<u64>,
    pub(super) name: String,
    pub(super) data: Value,
}

impl Events {
    /// The next one; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (Event::read(event), rest.to_owned());
                self.text = rest;
                if let Some(event) = event {
                    return Some(event);
                }
                continue;
            }
            let frame = self.body.frame().await?.unwrap();
            let bytes = frame.into_data().unwrap();
            self.text.push_str(core::str::from_utf8(&bytes).unwrap());
        }
    }

    /// Changes until this one, with every checkpoint between them left out.
    pub(super) async fn changes_until(&mut self, last: u64) -> Vec<u64> {
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            let event = self.next().await.unwrap();
            if event.name == "change" {
                assert_eq!(event.data["tenant_seq"], event.id.unwrap());
                seen.push(event.id.unwrap());
            }
        }
        seen
    }
}

impl Event {
    /// Reads an event; `None` where it only says when to come again.
    fn read(text: &str) -> Option<Self> {
        let of = |field: &str| {
            let start = format!("{field}: ");
            let lines = text.lines().filter_map(|line| line.strip_prefix(&start));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let name = of("event").pop()?;
        Some(Self {
            id: of("id").pop().map(|id| id.parse().unwrap()),
            name,
            data: serde_json::from_str(&of("data").join("\n")).unwrap(),
        })
    }
}

pub(super) const API: &str = "https://a/";

pub(super) fn create_api(permissions: &[&str]) -> Command {
    let spec = |name: &&str| PermissionSpec {
        name: (*name).to_owned(),
        description: None,
    };
    Command::CreateApi {
        realm: Realm::Auth0,
        id: "api-1".to_owned(),
        identifier: API.to_owned(),
        name: None,
        settings: Settings::new(),
        permissions: Some(permissions.iter().map(spec).collect()),
    }
}

pub(super) fn replace_permissions(permissions: &[&str]) -> Command {
    let spec = |name: &&str| PermissionSpec {
        name: (*name).to_owned(),
        description: None,
    };
    let permissions = permissions.iter().map(spec).collect();
    Command::ReplaceApiPermissions {
        realm: Realm::Auth0,
        api: "api-1".to_owned(),
        permissions,
    }
}

pub(super) fn create_role(id: &str) -> Command {
    let (id, name) = (id.to_owned(), id.to_owned());
    Command::CreateRole {
        realm: Realm::Auth0,
        id,
        name,
        description: None,
    }
}

pub(super) fn register_user(id: &str) -> Command {
    Command::RegisterUser {
        realm: Realm::Auth0,
        id: id.to_owned(),
        profile: Settings::new(),
    }
}

fn refs(permissions: &[&str]) -> Vec<PermissionRef> {
    let one = |name: &&str| PermissionRef {
        api: API.to_owned(),
        name: (*name).to_owned(),
    };
    permissions.iter().map(one).collect()
}

pub(super) fn grant_user(user: &str, permissions: &[&str]) -> Command {
    let (user, permissions) = (user.to_owned(), refs(permissions));
    Command::GrantUserPermissions {
        realm: Realm::Auth0,
        user,
        permissions,
    }
}

pub(super) fn revoke_user(user: &str, permissions: &[&str]) -> Command {
    let (user, permissions) = (user.to_owned(), refs(permissions));
    Command::RevokeUserPermissions {
        realm: Realm::Auth0,
        user,
        permissions,
    }
}

pub(super) fn grant_role(role: &str, permissions: &[&str]) -> Command {
    let (role, permissions) = (role.to_owned(), refs(permissions));
    Command::GrantRolePermissions {
        realm: Realm::Auth0,
        role,
        permissions,
    }
}

pub(super) fn assign(user: &str, role: &str) -> Command {
    let (user, roles) = (user.to_owned(), vec![role.to_owned()]);
    Command::AssignUserRoles {
        realm: Realm::Auth0,
        user,
        roles,
    }
}
