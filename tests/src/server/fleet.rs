//! One Writ as several processes: `writ serve`, each with some of the roles.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::{Launch, Server};
use crate::client::Client;
use crate::ports;
use crate::process::{Exit, Process};
use crate::wait::until;

/// How long a process may take until it serves.
const SERVING: Duration = Duration::from_mins(1);
/// How long a process may take to end after it was told to.
const ENDING: Duration = Duration::from_secs(30);

/// Processes of one Writ, by name. Dropped, all are killed.
///
/// Tokens are those of an installation that was started once and ended: its keys are what the
/// processes trust, and [`Fleet::home`] mints more of them.
#[derive(Debug)]
pub struct Fleet {
    // Fields are dropped in this order: first the processes.
    members: BTreeMap<&'static str, Member>,
    home: Server,
}

#[derive(Debug)]
struct Member {
    roles: &'static str,
    process: Option<Process>,
    log: PathBuf,
    url: String,
}

impl Fleet {
    /// Starts a process for each name and its roles, and waits until all serve.
    pub async fn start(launch: Launch, members: &[(&'static str, &'static str)]) -> Self {
        Self::of(launch.start().await, members).await
    }

    /// The same of a server that was started; it is ended first.
    pub async fn of(mut home: Server, members: &[(&'static str, &'static str)]) -> Self {
        let keys = home.anonymous().get("/.well-known/jwks.json").await;
        let keys = keys.expect(200).body;
        let file = home.launch.world.path().join("jwks.json");
        std::fs::write(&file, keys).expect("a file in the test's directory");
        let exit = home.sigterm().await;
        assert!(exit.status.success(), "{exit:?}");
        let mut fleet = Self {
            members: BTreeMap::new(),
            home,
        };
        for (name, roles) in members {
            fleet.join(name, roles).await;
        }
        fleet
    }

    /// Starts one more process, and waits until it serves.
    pub async fn join(&mut self, name: &'static str, roles: &'static str) {
        self.add(name, roles);
        self.restart(name).await;
    }

    /// Starts one more process, which is expected to give up; how it ended, and what it said.
    pub async fn refuses(&mut self, name: &'static str, roles: &'static str) -> (Exit, String) {
        self.add(name, roles);
        self.begin(name);
        let mut process = self.member_mut(name).process.take().expect("it was begun");
        let exit = process.wait(SERVING).await;
        (exit, process.errors())
    }

    fn add(&mut self, name: &'static str, roles: &'static str) {
        let member = Member {
            roles,
            process: None,
            log: self.directory().join(format!("{name}.log")),
            url: format!("http://127.0.0.1:{}", ports::free()),
        };
        self.members.insert(name, member);
    }

    /// The installation whose keys are trusted: it mints tokens and runs subcommands on the same
    /// database. It does not run.
    pub fn home(&self) -> &Server {
        &self.home
    }

    /// Changes a variable of the environment for whatever is started from now on.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.home.set(name, value);
    }

    /// The directory of the test.
    pub fn directory(&self) -> PathBuf {
        self.home.launch.world.path().to_owned()
    }

    pub fn url(&self, name: &str) -> &str {
        &self.member(name).url
    }

    /// A client of one process, with every scope.
    pub fn client(&self, name: &str) -> Client {
        Client::new(self.url(name)).with_token(&self.home.ready().token)
    }

    /// Ends a process as a crash would; whether it ran.
    pub async fn kill9(&mut self, name: &str) -> bool {
        let Some(mut process) = self.member_mut(name).process.take() else {
            return false;
        };
        process.signal(Signal::KILL);
        drop(process.wait(ENDING).await);
        true
    }

    /// Asks a process to end, and waits until it has.
    pub async fn sigterm(&mut self, name: &str) -> Exit {
        let process = self.member_mut(name).process.take();
        let mut process = process.unwrap_or_else(|| panic!("{name} does not run"));
        process.signal(Signal::TERM);
        process.wait(ENDING).await
    }

    /// Stops a process in the middle of whatever it does, until it is thawed.
    pub fn freeze(&self, name: &str) {
        self.running(name).signal(Signal::STOP);
    }

    pub fn thaw(&self, name: &str) {
        self.running(name).signal(Signal::CONT);
    }

    /// Starts a process again, on the same address, and waits until it serves. One that still runs
    /// is killed first.
    pub async fn restart(&mut self, name: &str) {
        self.kill9(name).await;
        let before = ready_lines(&self.member(name).log).len();
        self.begin(name);
        let log = self.member(name).log.clone();
        let url = until(&format!("{name} serves"), SERVING, async || {
            ready_lines(&log).into_iter().nth(before)
        })
        .await;
        self.member_mut(name).url = url;
    }

    /// Starts a process again that was killed or has ended by itself, and waits for nothing.
    pub fn launch(&mut self, name: &str) {
        let process = self.member_mut(name).process.take();
        let ended = process.is_none_or(|mut process| process.has_ended());
        assert!(ended, "{name} runs");
        self.begin(name);
    }

    /// Whether a process that was started and not killed has ended by itself.
    pub fn has_ended(&mut self, name: &str) -> bool {
        let process = self.member_mut(name).process.as_mut();
        process.is_some_and(Process::has_ended)
    }

    /// The process id of a process that runs.
    pub fn pid(&self, name: &str) -> u32 {
        self.running(name).id()
    }

    /// What a process has written to its log since the test began.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(&self.member(name).log).unwrap_or_default()
    }

    /// Waits until the log of a process has a line with this text, `count` times over.
    pub async fn logged(&self, name: &str, text: &str, count: usize, limit: Duration) {
        until(&format!("{name} says {text:?}"), limit, async || {
            (self.log(name).matches(text).count() >= count).then_some(())
        })
        .await;
    }

    fn begin(&mut self, name: &str) {
        let launch = &self.home.launch;
        let ready = self.home.ready();
        let member = self.member(name);
        let listen = member.url.trim_start_matches("http://");
        let keys = self.directory().join("jwks.json");
        let mut arguments: Vec<OsString> = ["serve", "--roles", member.roles, "--listen", listen]
            .map(OsString::from)
            .into();
        arguments.extend(["--issuer".into(), "https://writ.localhost/".into()]);
        arguments.extend(["--audience".into(), OsString::from(&ready.audience)]);
        arguments.extend(["--jwks-file".into(), keys.into()]);
        arguments.extend(["--log-format".into(), "json".into()]);
        arguments.extend(["--log".into(), "info,writ=debug".into()]);
        let process = Process::start(&mut launch.command(&arguments), &member.log);
        let member = self.member_mut(name);
        member.process = Some(process);
    }

    fn running(&self, name: &str) -> &Process {
        let process = self.member(name).process.as_ref();
        process.unwrap_or_else(|| panic!("{name} does not run"))
    }

    fn member(&self, name: &str) -> &Member {
        let member = self.members.get(name);
        member.unwrap_or_else(|| panic!("there is no {name}"))
    }

    fn member_mut(&mut self, name: &str) -> &mut Member {
        let member = self.members.get_mut(name);
        member.unwrap_or_else(|| panic!("there is no {name}"))
    }
}

/// The addresses of the lines that say that a process is ready, one for each start.
fn ready_lines(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["message"] == "ready")
        .filter_map(|line| line["url"].as_str().map(str::to_owned))
        .collect()
}
