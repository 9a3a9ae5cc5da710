//! A network between the log and Postgres that loses answers when it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use writ_log_postgres::Config;

use crate::support::Database;

/// What becomes of what Postgres answers. What it is sent always arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// They pass.
    Pass,
    /// They are swallowed; the connections stay.
    Lost,
    /// The connections are cut, without a word, and new ones are refused.
    Cut,
}

/// Accepts connections for as long as it lives.
pub(crate) struct Proxy {
    pub(crate) config: Config,
    answers: Arc<watch::Sender<Answers>>,
    _accepting: JoinSet<()>,
}

impl Proxy {
    /// In front of the database.
    pub(crate) async fn start(database: &Database) -> Self {
        let client = database.store.client().await.unwrap();
        let server = "SELECT coalesce(host(inet_server_addr()), '127.0.0.1') || ':'
            || current_setting('port')";
        let server: String = client.query_one(server, &[]).await.unwrap().get(0);
        let server: SocketAddr = server.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port());
        config
            .user(database.config.get_user().unwrap())
            .dbname(&database.name);
        if let Some(password) = database.config.get_password() {
            config.password(password);
        }
        let answers = Arc::new(watch::Sender::new(Answers::Pass));
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server, Arc::clone(&answers)));
        Self {
            config,
            answers,
            _accepting: accepting,
        }
    }

    pub(crate) fn set(&self, answers: Answers) {
        self.answers.send_replace(answers);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, answers: Arc<watch::Sender<Answers>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _address)) = listener.accept().await {
        if *answers.borrow() == Answers::Pass {
            let server = TcpStream::connect(server).await.unwrap();
            connections.spawn(forward(client, server, answers.subscribe()));
        }
    }
}

/// Runs until either side ends or the connection is cut.
async fn forward(client: TcpStream, server: TcpStream, mut answers: watch::Receiver<Answers>) {
    let mut gate = answers.clone();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async {
        tokio::io::copy(&mut from_client, &mut to_server)
            .await
            .map(|_bytes| ())
    };
    let answering = async {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let length = from_server.read(&mut bytes).await?;
            if length == 0 {
                return Ok(());
            }
            if *gate.borrow_and_update() == Answers::Pass {
                to_client.write_all(&bytes[..length]).await?;
            }
        }
    };
    // Whichever ends first ends the connection, and how it ended is nobody's business.
    let _ended: std::io::Result<()> = tokio::select! {
        ended = asking => ended,
        ended = answering => ended,
        _cut = answers.wait_for(|answers| *answers == Answers::Cut) => Ok(()),
    };
}
