//! One process: log, owners, service, relay and the clients' connections, on a thread of its own.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use writ_command::{CommandIds, Options, Parts, Request, Service};
use writ_crash::{Cut, Ended, Point, Process};
use writ_domain::{BucketMap, Clock, CommandId, Partition, Position, Seq};
use writ_http::{Caller, Provenance};
use writ_log::Log;
use writ_log_postgres::PostgresLog;
use writ_projector::share::{self, Share};
use writ_projector::{OnDecided, Owner, Statuses, relay, sweep};
use writ_store::Store;
use writ_store::entries::{Entry, Heads};
use writ_store::ledger::Rehearsal;

use crate::ledger::{LIFE, Ledger, now};
use crate::script::{Ask, CLIENTS, tenant};
use crate::story::Kind;

/// How long the dead are waited for.
const LEASE: Duration = Duration::from_millis(600);
/// How long a client waits that was not answered, and then asks again.
const RETRY: Duration = Duration::from_millis(20);
/// What each client asks in a life, at most; one fewer where a life before was left early.
const ASKS: usize = 4;

tokio::task_local! {
    /// The id under which a client sends its command.
    static ID: CommandId;
}

#[derive(Debug)]
struct ClientsIds;

impl CommandIds for ClientsIds {
    fn command_id(&self) -> CommandId {
        ID.get()
    }
}

/// A clock that is behind by so much.
#[derive(Debug)]
struct Behind(TimeDelta);

impl Clock for Behind {
    fn now(&self) -> DateTime<Utc> {
        now() - self.0
    }
}

/// How a life ended, and where it came by.
#[derive(Debug)]
pub(crate) struct Lived {
    pub(crate) ended: Ended,
    pub(crate) hits: BTreeMap<Point, u32>,
}

impl Ledger {
    /// Lives a life, under a name of its own.
    pub(crate) async fn live(&self, kind: Kind, cut: Option<Cut>) -> Lived {
        match kind {
            Kind::Recovers => self.halt().await,
            Kind::Extends => self.end_range().await,
            Kind::Works | Kind::Rests | Kind::Killed | Kind::Halts => {}
        }
        let stop = CancellationToken::new();
        let (answered, all_answered) = watch::channel(false);
        let life = Life::of(self, kind, stop.clone(), answered);
        let process = Process::start(cut, |process| life.run(process)).unwrap();
        let ended = tokio::select! {
            biased;
            ended = process.ended() => ended,
            () = self.see_through(kind, &process, all_answered, &stop) => process.ended().await,
        };
        assert_ne!(ended, Ended::Panicked, "{kind:?} cut at {cut:?} panicked");
        let hits = process.hits();
        Lived { ended, hits }
    }

    /// Waits until a life has done what it is for, and has it end.
    async fn see_through(
        &self,
        kind: Kind,
        process: &Process,
        mut all_answered: watch::Receiver<bool>,
        stop: &CancellationToken,
    ) {
        let partitions = u32::from(self.map.partitions());
        if kind == Kind::Halts {
            process.has_hit(Point::OwnerHalted, partitions).await;
            let learned = process.hits().get(&Point::CommandHaltsLearned).copied();
            let next = learned.unwrap_or(0) + 2;
            process.has_hit(Point::CommandHaltsLearned, next).await;
        } else {
            // A life that is cut off never says so.
            if all_answered.wait_for(|answered| *answered).await.is_err() {
                core::future::pending::<()>().await;
            }
            self.all_told().await;
        }
        match kind {
            Kind::Rests => process.has_hit(Point::OwnerRenewed, 2 * partitions).await,
            Kind::Extends => process.has_hit(Point::UpkeepExtended, 1).await,
            Kind::Works | Kind::Killed | Kind::Halts | Kind::Recovers => {}
        }
        if kind == Kind::Killed {
            process.kill();
        } else {
            stop.cancel();
        }
    }
}

/// What a process is given.
struct Life {
    name: String,
    kind: Kind,
    map: BucketMap,
    config: tokio_postgres::Config,
    changes: Arc<dyn Log>,
    book: crate::book::Book,
    limit: usize,
    told: Arc<std::sync::Mutex<BTreeMap<Partition, Seq>>>,
    stop: CancellationToken,
    answered: watch::Sender<bool>,
}

/// What works in it.
struct Working {
    log: Arc<dyn Log>,
    store: Store,
    service: Service,
    statuses: Statuses,
    wake_relay: Arc<Notify>,
    wake_sweep: Arc<Notify>,
}

impl Life {
    fn of(
        ledger: &Ledger,
        kind: Kind,
        stop: CancellationToken,
        answered: watch::Sender<bool>,
    ) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut config = ledger.config.clone();
        config.application_name(LIFE);
        Self {
            name: format!("life {number}"),
            kind,
            map: ledger.map.clone(),
            config,
            changes: Arc::new(ledger.changes.clone()),
            book: ledger.book.clone(),
            limit: (ledger.book.least() / ASKS + 1) * ASKS,
            told: Arc::clone(&ledger.told),
            stop,
            answered,
        }
    }

    async fn run(self, process: Process) {
        let options = writ_log_postgres::Options::new(self.map.partitions());
        let log = PostgresLog::connect(self.config.clone(), options).await;
        let log = Arc::new(log.unwrap());
        let options = writ_store::Options {
            pool_size: 2,
            ..writ_store::Options::default()
        };
        let store = Store::new(self.config.clone(), &options).unwrap();
        let parts = Working {
            service: self.service(Arc::clone(&log) as _, &store),
            log: Arc::clone(&log) as _,
            store,
            statuses: Statuses::default(),
            wake_relay: Arc::default(),
            wake_sweep: Arc::default(),
        };
        let mut tasks = JoinSet::new();
        self.work(&mut tasks, &parts);
        tokio::select! {
            () = self.clients(&parts.service, &process) => {}
            () = self.stop.cancelled() => {}
        }
        self.answered.send_replace(true);
        tasks.join_all().await;
        log.close().await;
    }

    fn service(&self, log: Arc<dyn Log>, store: &Store) -> Service {
        let parts = Parts {
            log,
            buckets: self.map.clone(),
            store: store.clone(),
            heads: Heads::new(),
            clock: Arc::new(Behind(TimeDelta::zero())),
            ids: Arc::new(ClientsIds),
            rehearsal: Arc::new(Rehearsal::new(self.config.clone())),
        };
        let options = Options {
            poll_every: Duration::from_millis(100),
            ..Options::default()
        };
        Service::new(parts, options)
    }

    /// Starts everything that a server runs.
    fn work(&self, tasks: &mut JoinSet<()>, parts: &Working) {
        let options = writ_projector::Options {
            lease: LEASE,
            recheck: LEASE / 4,
            ..writ_projector::Options::new(self.name.clone())
        };
        let share = Share::new(self.map.partitions());
        for partition in (0..self.map.partitions()).map(Partition) {
            let owner = Owner::new(
                partition,
                (Arc::clone(&parts.log), self.config.clone()),
                Arc::new(Behind(self.behind())),
                parts.statuses.clone(),
                self.on_decided(parts),
                (share.clone(), options.clone()),
            );
            tasks.spawn(owner.run(self.stop.clone()));
        }
        let (store, statuses) = (&parts.store, &parts.statuses);
        tasks.spawn(relay::run(
            store.clone(),
            Arc::clone(&self.changes),
            statuses.clone(),
            Arc::clone(&parts.wake_relay),
            self.stop.clone(),
        ));
        tasks.spawn(sweep::run(
            store.clone(),
            statuses.clone(),
            Arc::clone(&parts.wake_sweep),
            self.stop.clone(),
        ));
        let member = (self.name.clone(), LEASE);
        tasks.spawn(share::run(store.clone(), share, member, self.stop.clone()));
        tasks.spawn(parts.service.clone().run(self.stop.clone()));
    }

    fn behind(&self) -> TimeDelta {
        match self.kind {
            Kind::Halts => TimeDelta::minutes(10),
            Kind::Works | Kind::Rests | Kind::Killed | Kind::Extends | Kind::Recovers => {
                TimeDelta::zero()
            }
        }
    }

    fn on_decided(&self, parts: &Working) -> OnDecided {
        let (told, service) = (Arc::clone(&self.told), parts.service.clone());
        let (relay, sweep) = (Arc::clone(&parts.wake_relay), Arc::clone(&parts.wake_sweep));
        Arc::new(move |entries: Vec<Entry>| {
            if let Some(last) = entries.last() {
                let Position { partition, seq } = last.position;
                told.lock().unwrap().insert(partition, seq);
            }
            service.committed(entries);
            relay.notify_one();
            sweep.notify_one();
        })
    }

    /// Every client asks, one thing after the other, until it is answered.
    async fn clients(&self, service: &Service, process: &Process) {
        if self.kind == Kind::Recovers {
            let partitions = u32::from(self.map.partitions());
            process.has_hit(Point::OwnerRecovered, partitions).await;
        }
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (service, book, limit) = (service.clone(), self.book.clone(), self.limit);
            clients.spawn(async move {
                while let Some((ask, id)) = book.send(client, limit) {
                    match ID.scope(id, service.submit(request(ask))).await {
                        Ok(decided) => book.answered(client, decided),
                        Err(_not_known) => sleep(RETRY).await,
                    }
                }
            });
        }
        clients.join_all().await;
    }
}

fn request(ask: Ask) -> Request {
    Request {
        caller: Caller {
            tenant: tenant(ask.client),
            subject: format!("client {}", ask.client),
            client_id: None,
            scopes: BTreeSet::new(),
            address: None,
            user_agent: None,
            auth0_client: None,
        },
        provenance: Provenance {
            idempotency_key: ask.key(),
            ..Provenance::default()
        },
        fingerprint: [7; 32],
        command: ask.command(),
        expected: None,
    }
}
