//! How many statements an answer takes, counted on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use writ_domain::{Command, Realm, SubjectRef, TenantId, TenantSeq};
use writ_store::Store;
use writ_store::grants::{Ask, Question, check, explain, list};

use super::world::{API, World, create_api, grant_user, register_user};

trait Both: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

/// Stands between a store and its database, and counts what is executed.
pub(super) struct Counter {
    executed: Arc<AtomicU64>,
    pub(super) store: Store,
    _tasks: JoinSet<()>,
}

impl Counter {
    pub(super) async fn before(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port())
            .user(world.config.get_user().unwrap())
            .dbname(world.config.get_dbname().unwrap());
        if let Some(password) = world.config.get_password() {
            config.password(password);
        }
        let options = writ_store::Options {
            pool_size: 1,
            ..Default::default()
        };
        let store = Store::new(config, &options).unwrap();
        let (behind, executed) = (world.config.clone(), Arc::new(AtomicU64::new(0)));
        let (counted, mut tasks) = (Arc::clone(&executed), JoinSet::new());
        tasks.spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = connect(&behind).await;
                passing.spawn(pass(client, server, Arc::clone(&counted)));
            }
        });
        Self {
            executed,
            store,
            _tasks: tasks,
        }
    }

    /// How many statements were executed while `work` was done.
    pub(super) async fn of<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.executed.load(Ordering::SeqCst);
        let done = work.await;
        (done, self.executed.load(Ordering::SeqCst) - before)
    }
}

async fn connect(config: &Config) -> Box<dyn Both> {
    let port = config.get_ports().first().copied().unwrap_or(5_432);
    match config.get_hosts().first().unwrap() {
        Host::Tcp(host) => {
            let host = host.as_str();
            Box::new(TcpStream::connect((host, port)).await.unwrap())
        }
        Host::Unix(directory) => {
            let socket = directory.join(format!(".s.PGSQL.{port}"));
            Box::new(UnixStream::connect(socket).await.unwrap())
        }
    }
}

/// Passes everything on, and counts what the client has executed.
async fn pass(client: TcpStream, server: Box<dyn Both>, executed: Arc<AtomicU64>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        // The first message has no type.
        let mut is_first = true;
        loop {
            let kind = if is_first {
                None
            } else {
                Some(from_client.read_u8().await?)
            };
            let length = from_client.read_u32().await?;
            let mut body = vec![0; usize::try_from(length).unwrap() - 4];
            from_client.read_exact(&mut body).await?;
            if matches!(kind, Some(b'E' | b'Q')) {
                executed.fetch_add(1, Ordering::SeqCst);
            }
            let mut message = Vec::with_capacity(body.len() + 5);
            message.extend(kind);
            message.extend(length.to_be_bytes());
            message.extend(body);
            to_server.write_all(&message).await?;
            is_first = false;
        }
    };
    let down = tokio::io::copy(&mut from_server, &mut to_client);
    // Either side ends it: the store when the test is over.
    let ended: std::io::Result<()> = tokio::select! {
        ended = up => ended,
        ended = down => ended.map(drop),
    };
    // A side that is gone is the end of it, and no failure.
    drop(ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_one_statement_that_of_a_thousand_questions_too() {
    let world = World::new().await;
    world.submit(create_api(&["read"])).await;
    world.submit(register_user("ann")).await;
    let granted = world.submit(grant_user("ann", &["read"])).await;
    let counter = Counter::before(&world).await;
    let tenant = TenantId::try_new("default").unwrap();
    let question = |resource| Question {
        realms: &Realm::ALL,
        known: &Realm::ALL,
        subject: "ann",
        permission: if resource == API { "read" } else { "READ" },
        resource,
    };
    let (api, of_camunda) = (question(API), question("User/ann"));
    let both: Vec<Question<'_>> = [api, of_camunda].repeat(500);
    let last = granted.entry.tenant_seq;
    // Once, so that everything is prepared.
    for round in 0..2 {
        for at in [None, Some(last), Some(TenantSeq(1))] {
            for questions in [vec![api], vec![of_camunda], vec![api; 1_000], both.clone()] {
                let asked = check(&counter.store, &tenant, at, &questions);
                let (checked, executed) = counter.of(asked).await;
                assert_eq!(checked.unwrap().answers.len(), questions.len());
                assert!(round == 0 || executed == 1, "{executed} statements");
            }
            for (subject, group) in [
                (Some("ann"), None),
                (Some("ann"), Some("g")),
                (None, Some("g")),
                (None, None),
            ] {
                let ask = Ask {
                    realms: &Realm::ALL,
                    known: &Realm::ALL,
                    subject,
                    role: None,
                    group,
                    permission: None,
                    resource: subject.or(group).is_none().then_some(API),
                    after: None,
                    limit: 100,
                    count: true,
                    at,
                };
                let (page, executed) = counter.of(list(&counter.store, &tenant, ask)).await;
                page.unwrap();
                assert!(round == 0 || executed == 1, "{executed} statements");
            }
        }
        for question in [api, of_camunda] {
            let asked = explain(&counter.store, &tenant, last, question, 10);
            let (explained, executed) = counter.of(asked).await;
            explained.unwrap();
            assert!(round == 0 || executed == 1, "{executed} statements");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_takes_a_second_statement_only_for_a_no_of_one_who_is_linked() {
    let world = World::new().await;
    let (ann, demo) = ((Realm::Auth0, "ann"), (Realm::Camunda, "demo"));
    let subject = |(realm, id): (Realm, &str)| SubjectRef {
        realm,
        id: id.to_owned(),
    };
    for command in [
        create_api(&["read", "write"]),
        register_user("ann"),
        grant_user("ann", &["read"]),
        Command::LinkSubject {
            subject: subject(demo),
            with: subject(ann),
        },
    ] {
        world.submit(command).await;
    }
    let counter = Counter::before(&world).await;
    let tenant = TenantId::try_new("default").unwrap();
    for round in 0..2 {
        for (subject, permission, yes, statements) in [
            ("ann", "read", Some(false), 1),
            ("demo", "read", Some(true), 2),
            ("ann", "write", None, 2),
            ("nobody", "read", None, 1),
        ] {
            let question = [Question {
                realms: &Realm::ALL,
                known: &Realm::ALL,
                subject,
                permission,
                resource: API,
            }];
            let asked = check(&counter.store, &tenant, None, &question);
            let (checked, executed) = counter.of(asked).await;
            let [answer] = checked.unwrap().answers.try_into().unwrap();
            let by_another = answer.map(|granted| granted.linked.is_some());
            assert_eq!(by_another, yes, "{subject} {permission}");
            assert!(
                round == 0 || executed == statements,
                "{executed} statements"
            );
        }
    }
}
