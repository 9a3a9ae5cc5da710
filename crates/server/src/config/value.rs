//! The kinds of value that a setting can have, each read from text.

use core::fmt::Debug;
use core::str::FromStr;
use core::time::Duration;
use std::path::PathBuf;

use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

/// A value that can be read from the text of a flag, a variable or a key.
pub(crate) trait Value: Sized + Debug {
    /// Reads it. The error says what would have been right, never what was given:
    /// it may be a secret.
    fn read(text: &str) -> Result<Self, String>;
}

impl Value for String {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("must not be empty".into())
        } else {
            Ok(text.to_owned())
        }
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("must be a path".into())
        } else {
            Ok(Self::from(text))
        }
    }
}

impl Value for SecretString {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("must not be empty".into())
        } else {
            Ok(Self::from(text))
        }
    }
}

/// A setting that can be left out: no text is no value.
impl<T: Value> Value for Option<T> {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            T::read(text).map(Some)
        }
    }
}

/// A count or size of at least `MIN` and at most `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<const MIN: u32, const MAX: u32> Value for Number<MIN, MAX> {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            Ok(_) | Err(_) => Err(format!("must be a whole number from {MIN} to {MAX}")),
        }
    }
}

/// A time in milliseconds, of at least one and at most a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Millis(pub(crate) Duration);

impl Value for Millis {
    fn read(text: &str) -> Result<Self, String> {
        let Number(millis) = Number::<1, 86_400_000>::read(text)?;
        Ok(Self(Duration::from_millis(millis.into())))
    }
}

/// The time of a lease in milliseconds: of at least half a second, since it is renewed at a third
/// of it, and at most an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeaseMillis(pub(crate) Duration);

impl Value for LeaseMillis {
    fn read(text: &str) -> Result<Self, String> {
        let Number(millis) = Number::<500, 3_600_000>::read(text)?;
        Ok(Self(Duration::from_millis(millis.into())))
    }
}

/// Which log lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter(pub(crate) String);

impl Value for Filter {
    fn read(text: &str) -> Result<Self, String> {
        match EnvFilter::try_new(text) {
            Ok(_) if !text.is_empty() => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err("must be a filter such as `info` or `info,writ=debug`".into()),
        }
    }
}

/// `HOST:PORT`; port 0 picks a free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listen(pub(crate) String);

impl Value for Listen {
    fn read(text: &str) -> Result<Self, String> {
        let valid = text.rsplit_once(':').is_some_and(|(host, port)| {
            let bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
            !host.is_empty() && !bare_v6 && port.parse::<u16>().is_ok()
        });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be HOST:PORT".into())
        }
    }
}

/// How many partitions the log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partitions {
    /// As many as it was made with; a new one gets two, or one on a machine with one core.
    Auto,
    /// Just so many; a log that was made with another count refuses.
    Exactly(u16),
}

impl Value for Partitions {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "auto" => Ok(Self::Auto),
            Ok(count) if (1..=writ_domain::BUCKETS).contains(&count) => Ok(Self::Exactly(count)),
            Ok(_) | Err(_) => Err(format!(
                "must be `auto` or a number from 1 to {}",
                writ_domain::BUCKETS
            )),
        }
    }
}

/// Which Postgres programs run the private cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PostgresChoice {
    /// Installed ones if there are any, else fetched ones.
    Auto,
    /// Fetched ones, whatever is installed.
    Download,
    /// Those in this directory.
    Directory(PathBuf),
}

impl Value for PostgresChoice {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "download" => Ok(Self::Download),
            path if path.starts_with('/') => Ok(Self::Directory(path.into())),
            _ => Err("must be `auto`, `download` or an absolute path".into()),
        }
    }
}

/// At most `count` in `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) per: Duration,
}

impl Value for Rate {
    fn read(text: &str) -> Result<Self, String> {
        let rate = text.split_once('/').and_then(|(count, seconds)| {
            let count = count.parse().ok().filter(|count| *count > 0)?;
            let seconds = seconds
                .parse()
                .ok()
                .filter(|seconds| (1..=86_400).contains(seconds))?;
            Some(Self {
                count,
                per: Duration::from_secs(seconds),
            })
        });
        rate.ok_or_else(|| "must be `off` or N/SECONDS, such as 5/60".into())
    }
}

/// A value that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrOff<T> {
    Off,
    On(T),
}

impl<T: Value> Value for OrOff<T> {
    fn read(text: &str) -> Result<Self, String> {
        if text == "off" {
            Ok(Self::Off)
        } else {
            T::read(text).map(Self::On)
        }
    }
}

/// Names separated by commas, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names<T>(pub(crate) Vec<T>);

impl<T: Value + PartialEq> Value for Names<T> {
    fn read(text: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        for part in text.split(',') {
            let name = T::read(part.trim())?;
            if names.contains(&name) {
                return Err("must not name anything twice".into());
            }
            names.push(name);
        }
        Ok(Self(names))
    }
}

/// A lower-case word, such as the name of a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) String);

impl Value for Word {
    fn read(text: &str) -> Result<Self, String> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !text.is_empty() && text.chars().all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be made of a-z, 0-9, - and _".into())
        }
    }
}

/// The tenant that callers without a claim belong to.
impl Value for writ_domain::TenantId {
    fn read(text: &str) -> Result<Self, String> {
        Self::try_new(text).map_err(|invalid| invalid.to_string())
    }
}

/// A secret of at least 32 characters.
#[derive(Debug, Clone)]
pub(crate) struct LongSecret(pub(crate) SecretString);

impl Value for LongSecret {
    fn read(text: &str) -> Result<Self, String> {
        if text.chars().count() < 32 {
            return Err("must have at least 32 characters".into());
        }
        Ok(Self(SecretString::from(text)))
    }
}

/// An enum whose values are words, read from exactly these.
macro_rules! words {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal),+ $(,)? })+) => { $(
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[doc = $doc])* $variant),+ }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of {}", [$($word),+].join(", "))),
                }
            }
        }

        impl Value for $name {
            fn read(text: &str) -> Result<Self, String> {
                text.parse()
            }
        }
    )+ };
}

words! {
    /// How log lines look.
    LogFormat { Text = "text", Json = "json" }
    /// What a process of several does.
    Role { Command = "command", Projector = "projector", Query = "query" }
    /// Whether something that is either is.
    Switch { On = "on", Off = "off" }
    /// Whose answers a dialect gives: the product's own, or cleaner ones.
    Profile { Faithful = "faithful", Clean = "clean" }
    /// Auth0 has one profile.
    Auth0Profile { Faithful = "faithful" }
    /// The published rate limits of Auth0's management API.
    Auth0RateLimit { Enterprise = "enterprise", NonProduction = "non-production", Free = "free" }
    /// When Camunda checks revoke authorizations.
    CamundaRevokeMode { Auto = "auto", Never = "never", Always = "always" }
    /// Where Nest Auth's first admin comes from.
    NestauthFirstAdmin { Make = "make", Signup = "signup" }
}
