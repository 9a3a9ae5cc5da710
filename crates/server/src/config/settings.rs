//! The table of settings. A line here is a flag, a variable and a key.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::SecretString;
use writ_domain::TenantId;

use super::kafka::{Brokers, Properties, Replication, TopicPrefix};
use super::value::{
    Auth0Profile, Auth0RateLimit, CamundaRevokeMode, Filter, LeaseMillis, Listen, LogFormat,
    LongSecret, Millis, Names, NestauthFirstAdmin, Number, OrOff, Partitions, PostgresChoice,
    Profile, Rate, Role, Switch, Value, Word,
};

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// As in the file; the other spellings follow from it.
    pub(crate) name: &'static str,
    /// What holds when nobody says. Empty: nothing does, or it depends on the machine.
    pub(crate) default: &'static str,
    /// Whether its value must not be shown.
    pub(crate) secret: bool,
}

/// Whether a line of the table is marked as secret.
macro_rules! marked {
    () => {
        false
    };
    (secret) => {
        true
    };
}

/// Expands the table to the flags, the settings and the keys, so that none can be forgotten.
macro_rules! settings {
    ($( $(#[doc = $doc:literal])+ $([$secret:ident])? $key:ident: $kind:ty = $default:literal; )+) => {
        /// Every setting as a flag, unread.
        #[derive(Debug, Clone, Default, clap::Args)]
        pub(crate) struct Flags {
            /// Read settings from this TOML file. `WRIT_CONFIG` names one too.
            #[arg(long, value_name = "FILE")]
            pub(crate) config: Option<PathBuf>,
            $( $(#[doc = $doc])+ #[arg(long, value_name = "VALUE", help_heading = "Settings")]
               pub(crate) $key: Option<String>, )+
        }

        impl Flags {
            /// The flags that were given.
            pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$( (stringify!($key), self.$key.as_deref()) ),+]
                    .into_iter()
                    .filter_map(|(key, text)| Some((key, text?)))
            }
        }

        /// What holds.
        #[derive(Debug)]
        #[expect(dead_code, reason = "some take effect with the dialects and roles that read them")]
        pub(crate) struct Settings { $( $(#[doc = $doc])+ pub(crate) $key: $kind, )+ }

        impl Settings {
            /// Reads each setting from the text that `text` gives; nothing if one was wrong.
            pub(crate) fn read(
                text: impl Fn(&Key) -> String,
                mut wrong: impl FnMut(&'static str, String),
            ) -> Option<Self> {
                let mut keys = KEYS.iter();
                $( let $key = keys.next().and_then(|key| {
                    <$kind as Value>::read(&text(key)).map_err(|why| wrong(key.name, why)).ok()
                }); )+
                Some(Self { $( $key: $key?, )+ })
            }
        }

        /// The table itself, in order.
        pub(crate) const KEYS: &[Key] = &[$(
            Key {
                name: stringify!($key),
                default: $default,
                secret: marked!($($secret)?),
            },
        )+];
    };
}

settings! {
    /// Where HTTP is served, HOST:PORT; port 0 picks a free one.
    listen: Listen = "127.0.0.1:4480";
    /// Where credentials and the private Postgres cluster are kept.
    data_dir: Option<PathBuf> = "";
    /// Where fetched programs are kept.
    cache_dir: Option<PathBuf> = "";
    /// A Postgres to use instead of a private cluster. `DATABASE_URL` does too.
    [secret] database_url: Option<SecretString> = "";
    /// Programs of the private cluster: `auto`, `download` (a prebuilt one), or their directory.
    postgres_bin: PostgresChoice = "auto";
    /// How long Postgres may take to start, recovery from a crash included.
    postgres_start_timeout_ms: Millis = "600000";
    /// The tenant that callers belong to.
    tenant: TenantId = "default";
    /// Partitions of the log, fixed when it is made: `auto` or a number.
    partitions: Partitions = "auto";
    /// Brokers of the Apache Kafka that holds the log: HOST:PORT,… Without any it is in Postgres.
    kafka: Option<Brokers> = "";
    /// What the names of the topics begin with.
    kafka_topic_prefix: TopicPrefix = "writ.";
    /// Replicas of a topic that is made: `auto` (three, or as many as there are brokers) or a number.
    kafka_replication_factor: Replication = "auto";
    /// More properties of the Kafka client, as librdkafka names them: NAME=VALUE,…
    [secret] kafka_properties: Properties = "";

    /// What this process does, for `serve`: command,projector,query.
    roles: Names<Role> = "command,projector,query";
    /// The pinned issuer of bearer tokens, for `serve`.
    issuer: Option<String> = "";
    /// A file with the issuer's JWKS, for `serve`.
    jwks_file: Option<PathBuf> = "";
    /// The audience that bearer tokens must name, for `serve`.
    audience: Option<String> = "";

    /// Bytes of a request body, at most.
    body_limit_bytes: Number<1024, 1_073_741_824> = "1048576";
    /// Bytes of a request's head, at most.
    header_limit_bytes: Number<8192, 1_048_576> = "65536";
    /// How long a connection may take to send the head of a request, or stay idle.
    header_timeout_ms: Millis = "30000";
    /// How long a request may take until its answer begins.
    request_timeout_ms: Millis = "30000";
    /// How long a write waits to be decided.
    command_timeout_ms: Millis = "10000";
    /// How long a projector that has died keeps its partitions from others.
    lease_ms: LeaseMillis = "10000";
    /// How long what is in flight may take when the process is asked to stop.
    shutdown_timeout_ms: Millis = "10000";
    /// Connections at a time, at most.
    connections_max: Number<1, 1_000_000> = "1024";
    /// Requests at a time, at most.
    requests_max: Number<1, 1_000_000> = "512";

    /// Which log lines are written, such as `info` or `info,writ=debug`.
    log: Filter = "info";
    /// How log lines look: `text` or `json`.
    log_format: LogFormat = "text";

    /// Auth0's answers: `faithful`.
    auth0_profile: Auth0Profile = "faithful";
    /// Auth0's rate limits: `off`, `enterprise`, `non-production` or `free`.
    auth0_rate_limit: OrOff<Auth0RateLimit> = "off";

    /// Camunda's answers: `faithful` or `clean`.
    camunda_profile: Profile = "faithful";
    /// When Camunda checks revoke authorizations: `auto`, `never` or `always`.
    camunda_revoke_mode: CamundaRevokeMode = "auto";

    /// Nest Auth's answers: `faithful` or `clean`.
    nestauth_profile: Profile = "faithful";
    /// Nest Auth's guards.
    nestauth_guards: Names<Word> = "web,api";
    /// Failed and successful logins per address and name: `off` or N/SECONDS.
    nestauth_login_limit: OrOff<Rate> = "5/60";
    /// Nest Auth's secret key, at least 32 characters. Made at the first start.
    [secret] nestauth_secret_key: Option<LongSecret> = "";
    /// Whether the first admin is made (`make`) or signs up (`signup`).
    nestauth_first_admin: NestauthFirstAdmin = "make";
    /// Whether Nest Auth checks CSRF tokens.
    nestauth_csrf: Switch = "off";
}

impl Settings {
    /// Where the installation is kept, which most commands need.
    pub(crate) fn data_dir(&self) -> anyhow::Result<&Path> {
        self.data_dir.as_deref().context(
            "this user has no home directory: name a data directory with --data-dir or WRIT_DATA_DIR",
        )
    }
}
