//! A ledger with everything but HTTP: memory log, projector, Postgres, service.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use writ_domain::{
    BucketMap, Clock, Command, CommandId, GenericUuid as _, Offset, Partition, Realm, TenantId,
};
use writ_http::{Caller, Provenance};
use writ_log::memory::{self, MemoryLog};
use writ_log::{Log, Logged};
use writ_projector::{OnDecided, Owner, Statuses};
use writ_store::Store;
use writ_store::entries::Heads;
use writ_store::ledger::Rehearsal;

use crate::{CommandIds, Options, Parts, Request, Service};

pub(super) const PARTITION: Partition = Partition(0);

#[derive(Debug)]
pub(super) struct TestClock;

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

pub(super) fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    DateTime::from_timestamp(since.as_secs().try_into().unwrap(), since.subsec_nanos()).unwrap()
}

/// Ids by counting.
#[derive(Debug, Default)]
pub(super) struct Counting(AtomicU64);

impl CommandIds for Counting {
    fn command_id(&self) -> CommandId {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        CommandId::from_untyped_uuid(Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0000 | number))
    }
}

/// A service, and what it works with. Everything ends with it.
pub(super) struct World {
    pub(super) log: MemoryLog,
    pub(super) store: Store,
    pub(super) service: Service,
    pub(super) stop: CancellationToken,
    config: tokio_postgres::Config,
    pub(super) tasks: JoinSet<()>,
}

pub(super) fn options() -> Options {
    let poll_every = Duration::from_mins(1);
    Options {
        listen: false,
        poll_every,
        ..Options::default()
    }
}

impl World {
    /// A world in which nobody decides, and no Postgres is needed.
    pub(super) fn without_store(options: Options) -> Self {
        let config = "postgres://nobody@127.0.0.1:1/none".parse().unwrap();
        Self::over(config, options)
    }

    /// A world with a database of its own, in which nobody decides yet.
    pub(super) async fn undecided(options: Options) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        #[expect(
            clippy::disallowed_methods,
            reason = "the test stack says where Postgres is"
        )]
        let url =
            std::env::var("WRIT_TEST_DATABASE_URL").expect("`cargo xtask test` starts Postgres");
        let mut config: tokio_postgres::Config = url.parse().unwrap();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let stamp = now().timestamp_micros();
        let name = format!("command_{}_{stamp}_{number}", std::process::id());
        let (client, connection) = config.connect(NoTls).await.unwrap();
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        config.dbname(&name);
        let world = Self::over(config, options);
        world.store.migrate().await.unwrap();
        world.store.begin_ledger(1).await.unwrap();
        world
    }

    /// A world that decides.
    pub(super) async fn new() -> Self {
        Self::with(options()).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let mut world = Self::undecided(options).await;
        let service = world.service.clone();
        world.decide(Arc::new(move |entries| service.committed(entries)));
        world
    }

    fn over(config: tokio_postgres::Config, options: Options) -> Self {
        let store = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        let log = MemoryLog::new(
            memory::Options {
                partitions: 1,
                ..Default::default()
            },
            now,
        );
        let parts = Parts {
            log: Arc::new(log.clone()),
            buckets: BucketMap::try_new(1).unwrap(),
            store: store.clone(),
            heads: Heads::new(),
            clock: Arc::new(TestClock),
            ids: Arc::new(Counting::default()),
            rehearsal: Arc::new(Rehearsal::new(config.clone())),
        };
        let service = Service::new(parts, options);
        let stop = CancellationToken::new();
        Self {
            log,
            store,
            service,
            stop,
            config,
            tasks: JoinSet::new(),
        }
    }

    /// Starts a projector that tells `on_decided` of its commits.
    pub(super) fn decide(&mut self, on_decided: OnDecided) {
        let log: Arc<dyn Log> = Arc::new(self.log.clone());
        let owner = Owner::new(
            PARTITION,
            (log, self.config.clone()),
            Arc::new(TestClock),
            Statuses::default(),
            on_decided,
            (
                writ_projector::share::Share::new(1),
                writ_projector::Options::new("test".to_owned()),
            ),
        );
        self.tasks.spawn(owner.run(self.stop.clone()));
    }

    /// Starts the service's task.
    pub(super) fn run(&mut self) {
        self.tasks
            .spawn(self.service.clone().run(self.stop.clone()));
    }

    /// Everything in the log.
    pub(super) async fn logged(&self) -> Vec<Logged> {
        let mut tail = self.log.tail(PARTITION, Offset(0)).await.unwrap();
        tail.try_next(10_000).await.unwrap()
    }
}

pub(super) fn tenant() -> TenantId {
    TenantId::try_new("default").unwrap()
}

pub(super) fn caller(subject: &str) -> Caller {
    Caller {
        tenant: tenant(),
        subject: subject.to_owned(),
        client_id: Some("robot".to_owned()),
        scopes: BTreeSet::new(),
        address: Some([127, 0, 0, 1].into()),
        user_agent: None,
        auth0_client: None,
    }
}

pub(super) fn create_role(id: &str) -> Command {
    let (id, name) = (id.to_owned(), format!("role {id}"));
    Command::CreateRole {
        realm: Realm::Native,
        id,
        name,
        description: None,
    }
}

pub(super) fn delete_role(id: &str) -> Command {
    Command::DeleteRole {
        realm: Realm::Native,
        role: id.to_owned(),
    }
}

pub(super) fn rename_role(id: &str) -> Command {
    let name = Some("new".to_owned());
    Command::UpdateRole {
        realm: Realm::Native,
        role: id.to_owned(),
        name,
        description: None,
    }
}

/// A request of Ann's without a key.
pub(super) fn request(command: Command) -> Request {
    let provenance = Provenance {
        reason: Some("because".to_owned()),
        ..Provenance::default()
    };
    Request {
        caller: caller("ann"),
        provenance,
        fingerprint: [1; 32],
        command,
        expected: None,
    }
}

/// A request of Ann's with a key; `body` stands for what she sent.
pub(super) fn keyed(command: Command, key: &str, body: u8) -> Request {
    let mut request = request(command);
    request.provenance.idempotency_key = Some(key.to_owned());
    request.fingerprint = [body; 32];
    request
}
