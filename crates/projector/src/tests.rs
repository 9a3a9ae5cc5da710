//! The projector on a real Postgres, with the memory log.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;
use writ_domain::{
    Actor, BucketMap, Clock, Command, CommandId, GenericUuid as _, Idempotency, Partition,
    PermissionRef, PermissionSpec, Realm, Seq, Settings, Stamp, Submission, TenantId,
};
use writ_log::memory::{self, MemoryLog};
use writ_log::{Log, Record};
use writ_store::entries::Entry;
use writ_store::{Options as StoreOptions, Store};

use crate::{OnDecided, Options, Owner, Statuses, sweep, verify};

const PARTITION: Partition = Partition(0);

#[derive(Debug)]
struct SystemTimeClock;

impl Clock for SystemTimeClock {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    DateTime::from_timestamp(since.as_secs().try_into().unwrap(), since.subsec_nanos()).unwrap()
}

struct Stack {
    log: Arc<MemoryLog>,
    store: Store,
    config: tokio_postgres::Config,
    statuses: Statuses,
    decided: watch::Sender<Seq>,
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Stack {
    async fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        #[expect(
            clippy::disallowed_methods,
            reason = "the stack's address comes by environment"
        )]
        let url = std::env::var("WRIT_TEST_DATABASE_URL")
            .expect("WRIT_TEST_DATABASE_URL names a Postgres: run the tests by `cargo xtask test`");
        let name = format!(
            "projector_{}_{}_{}",
            std::process::id(),
            now().timestamp_micros(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        execute(&url.parse().unwrap(), &format!("CREATE DATABASE {name}")).await;
        let mut config: tokio_postgres::Config = url.parse().unwrap();
        config.dbname(&name);
        let store = Store::new(config.clone(), &StoreOptions::default()).unwrap();
        store.migrate().await.unwrap();
        store.begin_ledger(1).await.unwrap();
        let options = memory::Options {
            partitions: 1,
            ..memory::Options::default()
        };
        Self {
            log: Arc::new(MemoryLog::new(options, now)),
            store,
            config,
            statuses: Statuses::default(),
            decided: watch::Sender::new(Seq::ZERO),
            entries: Arc::default(),
        }
    }

    fn own(&self, options: Options) -> CancellationToken {
        let stop = CancellationToken::new();
        let decided = self.decided.clone();
        let entries = Arc::clone(&self.entries);
        let on_decided: OnDecided = Arc::new(move |batch| {
            let last = batch.last().unwrap().position.seq;
            entries.lock().unwrap().extend(batch);
            decided.send_modify(|seq| *seq = last.max(*seq));
        });
        let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(&self.log);
        let owner = Owner::new(
            PARTITION,
            (log, self.config.clone()),
            Arc::new(SystemTimeClock),
            self.statuses.clone(),
            on_decided,
            options,
        );
        #[expect(clippy::disallowed_methods, reason = "the test's own task")]
        tokio::spawn(owner.run(stop.clone()));
        stop
    }

    async fn append(&self, submissions: &[Submission]) {
        let records = submissions.iter().map(record).collect();
        self.log.append(PARTITION, records).await.unwrap();
    }

    async fn decided(&self, seq: u64) {
        let mut decided = self.decided.subscribe();
        decided.wait_for(|at| at.0 >= seq).await.unwrap();
    }

    async fn verify(&self) -> verify::Report {
        let map = BucketMap::try_new(1).unwrap();
        verify::partition(&self.store, Some(&*self.log), &map, PARTITION)
            .await
            .unwrap()
    }
}

async fn execute(config: &tokio_postgres::Config, statement: &str) {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

fn record(submission: &Submission) -> Record {
    Record {
        key: writ_envelope::encode_key(&submission.stamp.tenant),
        value: writ_envelope::encode(submission),
        headers: Vec::new(),
    }
}

/// A small, repeatable source of choices.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    #[expect(clippy::too_many_lines, reason = "flat: an arm a kind of command")]
    fn command(&mut self) -> Command {
        let realm = if self.roll(2) == 0 {
            Realm::Auth0
        } else {
            Realm::Native
        };
        let role = format!("rol_{}", self.roll(4));
        let user = format!("auth0|{}", self.roll(4));
        let api = format!("https://api/{}", self.roll(3));
        let permissions: Vec<PermissionRef> = (0..=self.roll(2))
            .map(|_| PermissionRef {
                api: format!("https://api/{}", self.roll(3)),
                name: format!("p{}", self.roll(4)),
            })
            .collect();
        match self.roll(16) {
            0 => Command::CreateApi {
                realm,
                id: format!("id{}", self.roll(3)),
                identifier: api,
                name: Some("An API".to_owned()),
                settings: Settings::new(),
                permissions: None,
            },
            1..=3 => Command::ReplaceApiPermissions {
                realm,
                api,
                permissions: (0..4)
                    .filter(|_| self.roll(3) > 0)
                    .map(|n| PermissionSpec {
                        name: format!("p{n}"),
                        description: None,
                    })
                    .collect::<Vec<_>>(),
            },
            4 if self.roll(4) == 0 => Command::DeleteApi { realm, api },
            4 | 5 => Command::CreateRole {
                realm,
                name: role.clone(),
                id: role,
                description: None,
            },
            6 if self.roll(3) == 0 => Command::DeleteRole { realm, role },
            6 | 7 => Command::RegisterUser {
                realm,
                id: user,
                profile: Settings::new(),
            },
            8 if self.roll(3) == 0 => Command::DeleteUser { realm, user },
            8..=9 => Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            },
            10 => Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            },
            11 => Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            },
            12 => Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            },
            13 => Command::AssignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            14 => Command::UnassignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            _ => Command::Batch(vec![
                Command::RevokeRolePermissions {
                    realm,
                    role: role.clone(),
                    permissions: permissions.clone(),
                },
                Command::GrantRolePermissions {
                    realm,
                    role,
                    permissions,
                },
            ]),
        }
    }

    fn submission(&mut self) -> Submission {
        let id = (u128::from(self.roll(u64::from(u32::MAX))) << 64) | u128::from(self.0);
        let idempotency = (self.roll(5) == 0).then(|| Idempotency {
            key: format!("k{}", self.roll(50)),
            fingerprint: [u8::try_from(self.roll(2)).unwrap(); 32],
        });
        Submission {
            stamp: Stamp {
                command_id: CommandId::from_untyped_uuid(uuid(id)),
                tenant: TenantId::try_new(["alpha", "beta"][usize::from(self.roll(3) == 0)])
                    .unwrap(),
                actor: Actor {
                    subject: "tester".to_owned(),
                    ..Actor::default()
                },
                reason: None,
                ticket: None,
                request_id: None,
                not_after: None,
                idempotency,
                expected: None,
            },
            command: self.command(),
        }
    }
}

fn uuid(bits: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(bits)
}

#[tokio::test]
async fn a_thousand_random_commands_fold_to_the_same_views() {
    let stack = Stack::start().await;
    let options = Options {
        batch_records_max: 37,
        known_max: 150,
        ..Options::new("one".to_owned())
    };
    let stop = stack.own(options);
    let mut dice = Dice(7);
    let submissions: Vec<Submission> = (0..1_500).map(|_| dice.submission()).collect();
    for chunk in submissions.chunks(101) {
        stack.append(chunk).await;
    }
    stack.decided(1_500).await;
    let report = stack.verify().await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.entries, report.folded), (1_500, report.views));

    let applied = stack
        .entries
        .lock()
        .unwrap()
        .iter()
        .filter(|e| !e.facts.is_empty())
        .count();
    assert!(applied > 300, "the commands do something: {applied}");
    let swept = sweep::all(&stack.store, &[PARTITION], &stop).await.unwrap();
    assert!(swept > 0, "something was dead");
    let after = stack.verify().await;
    assert_eq!(
        (after.differences.as_slice(), after.views),
        ([].as_slice(), report.views)
    );
    stop.cancel();
}

#[tokio::test]
async fn an_owner_that_loses_its_connection_starts_again_from_the_cursor() {
    let stack = Stack::start().await;
    let options = Options {
        batch_records_max: 11,
        ..Options::new("one".to_owned())
    };
    let stop = stack.own(options);
    let mut dice = Dice(11);
    for _ in 0..20 {
        let submissions: Vec<Submission> = (0..50).map(|_| dice.submission()).collect();
        stack.append(&submissions).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND application_name = 'writ-projector'";
        execute(&stack.config, kill).await;
    }
    // A last command after the last kill: once it is told, all before it is decided.
    stack.append(&[dice.submission()]).await;
    stack.decided(1_001).await;
    let report = stack.verify().await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.entries, report.folded), (1_001, report.views));
    stop.cancel();
}

#[tokio::test]
async fn broken_and_misrouted_records_become_invalid_entries() {
    let stack = Stack::start().await;
    let stop = stack.own(Options::new("one".to_owned()));
    let mut dice = Dice(3);
    let mut misrouted = record(&dice.submission());
    misrouted.key = b"another".to_vec();
    let broken = Record {
        key: b"x".to_vec(),
        value: b"{\"v\":1".to_vec(),
        headers: Vec::new(),
    };
    let empty = Record {
        key: Vec::new(),
        value: Vec::new(),
        headers: Vec::new(),
    };
    let records = vec![broken, misrouted, empty, record(&dice.submission())];
    stack.log.append(PARTITION, records).await.unwrap();
    stack.decided(4).await;
    let kinds: Vec<&str> = stack
        .entries
        .lock()
        .unwrap()
        .iter()
        .map(|entry| entry.outcome.kind())
        .collect();
    assert_eq!(kinds[..3], ["invalid", "invalid", "invalid"]);
    assert_ne!(kinds[3], "invalid");
    assert_eq!(stack.verify().await.differences, Vec::<String>::new());
    stop.cancel();
}

#[tokio::test]
async fn a_newer_record_halts_the_partition_after_what_came_before() {
    let stack = Stack::start().await;
    let stop = stack.own(Options::new("one".to_owned()));
    let mut dice = Dice(5);
    let newer = Record {
        key: b"alpha".to_vec(),
        value: br#"{"v":2,"something":"new"}"#.to_vec(),
        headers: Vec::new(),
    };
    let records = vec![
        record(&dice.submission()),
        newer,
        record(&dice.submission()),
    ];
    stack.log.append(PARTITION, records).await.unwrap();
    stack.decided(1).await;
    let halted = async {
        loop {
            if let Some(why) = stack
                .statuses
                .all()
                .get(&PARTITION)
                .and_then(|s| s.halted.clone())
            {
                return why;
            }
            tokio::task::yield_now().await;
        }
    };
    let why = halted.await;
    assert!(
        why.contains("offset 1") && why.contains("version 2"),
        "{why}"
    );
    assert_eq!(stack.entries.lock().unwrap().len(), 1);
    stop.cancel();
}

#[tokio::test]
async fn another_log_than_the_one_decided_halts_the_partition() {
    let mut stack = Stack::start().await;
    let stop = stack.own(Options::new("one".to_owned()));
    let mut dice = Dice(9);
    stack.append(&[dice.submission(), dice.submission()]).await;
    stack.decided(2).await;
    stop.cancel();
    // The topic was deleted and made again: the same offsets, other records.
    let options = memory::Options {
        partitions: 1,
        ..memory::Options::default()
    };
    stack.log = Arc::new(MemoryLog::new(options, now));
    stack
        .append(&[dice.submission(), dice.submission(), dice.submission()])
        .await;
    stack.statuses = Statuses::default();
    let stop = stack.own(Options::new("one".to_owned()));
    loop {
        let statuses = stack.statuses.all();
        if let Some(why) = statuses
            .get(&PARTITION)
            .and_then(|status| status.halted.clone())
        {
            assert!(why.contains("not the one that was decided"), "{why}");
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(stack.entries.lock().unwrap().len(), 2);
    stop.cancel();
}

#[tokio::test]
async fn two_owners_decide_each_record_once() {
    let stack = Stack::start().await;
    let lease = core::time::Duration::from_millis(300);
    let options = |name: &str| Options {
        batch_records_max: 7,
        lease,
        ..Options::new(name.to_owned())
    };
    let (one, two) = (stack.own(options("one")), stack.own(options("two")));
    let mut dice = Dice(13);
    for _ in 0..10 {
        let submissions: Vec<Submission> = (0..30).map(|_| dice.submission()).collect();
        stack.append(&submissions).await;
    }
    stack.decided(300).await;
    one.cancel();
    stack.append(&[dice.submission()]).await;
    stack.decided(301).await;
    two.cancel();
    let report = stack.verify().await;
    assert_eq!(
        (report.differences.as_slice(), report.entries),
        ([].as_slice(), 301)
    );
}
