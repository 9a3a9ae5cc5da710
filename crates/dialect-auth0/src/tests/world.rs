//! A router with everything around it.

use core::sync::atomic::{AtomicU32, Ordering};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use writ_command::{Decided, Refused, Request, SubmitError};
use writ_domain::{
    Actor, Clock, Command, CommandId, Denial, NounRef, Offset, Outcome, Partition, Position, Seq,
    Stamp, Submission, TenantId, TenantSeq,
};
use writ_http::body::Limits;
use writ_http::caller::{Audience, TenantRule, Trust};
use writ_http::{Caller, Provenance, Revision, Verifier};
use writ_store::entries::Entry;
use writ_store::{Options, Store};

use crate::json::Json;
use crate::{Auth0State, IdSource, RateProfile, Submit, router};

const GROUND: &str = include_str!("ground.sql");
const ISSUER: &str = "https://issuer/";
pub(super) const AUDIENCE: &str = "https://writ/api/v2/";
/// 2024-10-14T13:33:41Z, whose seconds are `670d1db5` in hexadecimal.
const NOW: i64 = 1_728_912_821;

/// The entry that the fake way into the log answers with.
pub(super) const AT: TenantSeq = TenantSeq(20);

/// Every scope that a route here asks for.
const SCOPES: &str = "read:resource_servers create:resource_servers update:resource_servers \
    delete:resource_servers read:roles create:roles update:roles delete:roles read:users \
    create:users update:users delete:users read:clients read:user_effective_permissions \
    read:user_permission_source_roles read:user_effective_roles";

pub(super) struct World {
    router: Router,
    pub(super) log: Arc<Ledger>,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn message(&self) -> String {
        let body = Json::parse(self.body.as_bytes()).unwrap();
        body.get("message")
            .and_then(Json::as_str)
            .unwrap()
            .to_owned()
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with_rate(None).await
    }

    pub(super) async fn with_rate(rate: Option<RateProfile>) -> Self {
        let log = Arc::new(Ledger::default());
        let state = Auth0State {
            commands: Arc::clone(&log) as Arc<dyn Submit>,
            store: store().await,
            verifier: Arc::new(verifier()),
            ids: Arc::new(Fixed),
            clock: Arc::new(Fixed),
            body_limits: Limits {
                max_bytes: 4_096,
                ..Limits::default()
            },
            rate,
        };
        Self {
            router: router(state),
            log,
        }
    }

    /// Sends a request with every scope.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        self.ask_as(&token(AUDIENCE, NOW + 60, SCOPES), method, path, body)
            .await
    }

    /// Sends a request with these scopes alone.
    pub(super) async fn ask_with(
        &self,
        scopes: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Reply {
        self.ask_as(&token(AUDIENCE, NOW + 60, scopes), method, path, body)
            .await
    }

    pub(super) async fn ask_as(&self, token: &str, method: &str, path: &str, body: &str) -> Reply {
        let headers = [("authorization", format!("Bearer {token}"))];
        self.send(method, path, body, &headers).await
    }

    /// Sends a request with every scope and more headers.
    pub(super) async fn ask_more(
        &self,
        method: &str,
        path: &str,
        body: &str,
        more: &[(&str, &str)],
    ) -> Reply {
        let token = token(AUDIENCE, NOW + 60, SCOPES);
        let mut headers = vec![("authorization", format!("Bearer {token}"))];
        headers.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        self.send(method, path, body, &headers).await
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, String)],
    ) -> Reply {
        let mut request = HttpRequest::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value);
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
}

/// A way into the log that writes down what comes and answers as it was told to.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) requests: Mutex<Vec<Request>>,
    pub(super) denials: Mutex<Vec<(String, Option<NounRef>, Denial)>>,
    /// The answer; `Applied` if none was given.
    pub(super) outcome: Mutex<Option<Outcome>>,
    /// The command on record, where it is not the one that came.
    pub(super) on_record: Mutex<Option<Command>>,
}

impl Ledger {
    /// The commands that came since this was last asked.
    pub(super) fn commands(&self) -> Vec<Command> {
        let requests = core::mem::take(&mut *self.requests.lock().unwrap());
        requests
            .into_iter()
            .map(|request| request.command)
            .collect()
    }

    fn decided(&self, command: Command) -> Decided {
        let tenant = TenantId::try_new("acme").unwrap();
        let command_id = CommandId::nil();
        let stamp = Stamp {
            command_id,
            tenant: tenant.clone(),
            actor: Actor::default(),
            reason: None,
            ticket: None,
            request_id: None,
            not_after: None,
            idempotency: None,
            expected: None,
        };
        let nothing = "00".repeat(32);
        let entry = Entry {
            position: Position {
                partition: Partition(0),
                seq: Seq(AT.0),
            },
            tenant: tenant.clone(),
            tenant_seq: AT,
            offset: Offset(AT.0),
            time: DateTime::UNIX_EPOCH,
            command_id: Some(command_id),
            kind: command.kind().to_owned(),
            subject: "robot@clients".to_owned(),
            submission: Some(Submission { stamp, command }),
            outcome: self
                .outcome
                .lock()
                .unwrap()
                .clone()
                .unwrap_or(Outcome::Applied),
            facts: Vec::new(),
            rules_version: 1,
            leaf: nothing.parse().unwrap(),
            chain: nothing.parse().unwrap(),
        };
        Decided {
            entry,
            replayed: false,
            revision: revision(AT),
        }
    }
}

pub(super) fn revision(tenant_seq: TenantSeq) -> Revision {
    Revision {
        tenant: TenantId::try_new("acme").unwrap(),
        tenant_seq,
        chain8: [0; 8],
    }
}

#[async_trait]
impl Submit for Ledger {
    async fn submit(&self, request: Request) -> Result<Decided, SubmitError> {
        let on_record = self.on_record.lock().unwrap().clone();
        let decided = self.decided(on_record.unwrap_or_else(|| request.command.clone()));
        self.requests.lock().unwrap().push(request);
        Ok(decided)
    }

    async fn record_denial(
        &self,
        _who: (Caller, Provenance),
        operation: &str,
        target: Option<NounRef>,
        denial: Denial,
    ) -> Result<Refused, SubmitError> {
        self.denials
            .lock()
            .unwrap()
            .push((operation.to_owned(), target.clone(), denial.clone()));
        let operation = operation.to_owned();
        let command = Command::RecordDenial {
            operation,
            target,
            denial,
            count: 1,
        };
        Ok(Refused::Recorded(Box::new(self.decided(command))))
    }
}

/// One time and one number.
#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }
}

impl IdSource for Fixed {
    fn random(&self) -> u128 {
        0
    }
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn verifier() -> Verifier {
    let public = URL_SAFE_NO_PAD.encode(key().public_key().as_ref());
    let jwks = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"k","x":"{public}"}}]}}"#
    );
    let trust = Trust {
        issuer: ISSUER.to_owned(),
        audience: Audience::Exact(vec![AUDIENCE.to_owned()]),
        tenant: TenantRule::Fixed(TenantId::try_new("acme").unwrap()),
    };
    Verifier::try_new(Arc::new(Fixed), trust, jwks.as_bytes()).unwrap()
}

/// A token for an audience until a time, with scopes.
pub(super) fn token(audience: &str, expires_at: i64, scopes: &str) -> String {
    let scopes: BTreeSet<&str> = scopes.split_whitespace().collect();
    let scope = scopes.into_iter().collect::<Vec<_>>().join(" ");
    let claims = format!(
        r#"{{"iss":"{ISSUER}","aud":"{audience}","sub":"robot@clients","azp":"robot","gty":"client-credentials","iat":{},"exp":{expires_at},"scope":"{scope}"}}"#,
        NOW - 60
    );
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","typ":"JWT","kid":"k"}"#),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

pub(super) fn good_token() -> String {
    token(AUDIENCE, NOW + 60, SCOPES)
}

pub(super) fn expired_token() -> String {
    token(AUDIENCE, NOW, SCOPES)
}

/// A store on a database of its own, with the ground laid.
async fn store() -> Store {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test stack's only parameter")]
    let url = std::env::var("WRIT_TEST_DATABASE_URL")
        .expect("WRIT_TEST_DATABASE_URL: run the tests by `cargo xtask test`");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("auth0_{}_{number}", std::process::id());
    let admin = Store::new(url.parse().unwrap(), &Options::default()).unwrap();
    let client = admin.client().await.unwrap();
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
        .await
        .unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let mut config = admin.config().clone();
    config.dbname(&name);
    let store = Store::new(
        config,
        &Options {
            pool_size: 2,
            ..Options::default()
        },
    )
    .unwrap();
    store.migrate().await.unwrap();
    store
        .client()
        .await
        .unwrap()
        .batch_execute(GROUND)
        .await
        .unwrap();
    store
}
