//! The layers: defaults, the file, the environment, the flags.

use core::fmt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value as Stored};
use figment::{Figment, Metadata, Profile, Provider};

use super::settings::{Flags, KEYS, Key, Settings};
use super::{Environment, places};

const PREFIX: &str = "WRIT_";
/// Variables that belong to tests of this program, not to the program.
const TOLERATED: &str = "WRIT_TEST_";

/// Everything that was wrong with the settings, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid settings: {}", .0.join("; "))]
pub(crate) struct Invalid(pub(crate) Vec<String>);

/// Settings, and where each came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    pub(crate) shown: Vec<Shown>,
}

/// One setting as it may be shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Shown {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) source: String,
}

/// Where the text of a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Default,
    File(PathBuf),
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(key) => write!(f, "--{}", key.replace('_', "-")),
        }
    }
}

/// Reads every setting from every layer.
pub(crate) fn load(flags: &Flags, environment: &Environment) -> Result<Loaded, Invalid> {
    let mut wrong = Vec::new();
    let variables = variables(environment, &mut wrong);
    let file = flags
        .config
        .clone()
        .or_else(|| environment.get("WRIT_CONFIG").map(PathBuf::from));
    let figment = layered(flags, environment, file.as_deref(), &variables);
    let stored: BTreeMap<String, Stored> = match figment.extract() {
        Ok(stored) => stored,
        Err(error) => {
            wrong.extend(error.into_iter().map(|one| one.to_string()));
            return Err(Invalid(wrong));
        }
    };
    let source_of = |key: &str| source(&figment, key, file.as_deref(), &variables);
    let mut texts = BTreeMap::new();
    for (name, value) in &stored {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            wrong.push(format!("unknown setting `{name}` in {}", source_of(name)));
            continue;
        };
        match text_of(value) {
            Some(text) => {
                texts.insert(key.name, text);
            }
            None => wrong.push(format!(
                "`{name}` in {}: must be a text, a number, true, false or a list of these",
                source_of(name)
            )),
        }
    }
    let text = |key: &Key| texts.get(key.name).cloned().unwrap_or_default();
    let settings = Settings::read(text, |key, why| {
        wrong.push(format!("`{key}` from {}: {why}", source_of(key)));
    });
    match settings {
        Some(settings) if wrong.is_empty() => {
            let shown = KEYS
                .iter()
                .map(|key| shown(key, text(key), &source_of(key.name)));
            Ok(Loaded {
                settings,
                shown: shown.collect(),
            })
        }
        Some(_) | None => Err(Invalid(wrong)),
    }
}

fn shown(key: &Key, text: String, source: &Source) -> Shown {
    let value = if key.secret && !text.is_empty() {
        "[redacted]".to_owned()
    } else {
        text
    };
    Shown {
        key: key.name,
        value,
        source: source.to_string(),
    }
}

fn layered(
    flags: &Flags,
    environment: &Environment,
    file: Option<&Path>,
    variables: &Variables,
) -> Figment {
    let mut figment = Figment::new().merge(Layer::new(DEFAULTS, defaults(environment)));
    if let Some(path) = file {
        figment = figment.merge(Toml::file_exact(path));
    }
    let from_variables = variables
        .iter()
        .map(|(key, (_, text))| (*key, text.clone()))
        .collect::<Vec<_>>();
    let from_flags = flags
        .given()
        .map(|(key, text)| (key, text.to_owned()))
        .collect::<Vec<_>>();
    figment
        .merge(Layer::new(VARIABLES, from_variables))
        .merge(Layer::new(FLAGS, from_flags))
}

/// The key, the variable's own name, and its text.
type Variables = BTreeMap<&'static str, (String, String)>;

fn variables(environment: &Environment, wrong: &mut Vec<String>) -> Variables {
    let mut found = Variables::new();
    let plain = environment
        .get("DATABASE_URL")
        .map(|value| ("DATABASE_URL".to_owned(), value));
    let ours = environment
        .beginning_with(PREFIX)
        .filter(|(name, _)| name != "WRIT_CONFIG");
    for (name, value) in plain.into_iter().chain(ours) {
        let key = name
            .strip_prefix(PREFIX)
            .unwrap_or(&name)
            .to_ascii_lowercase();
        let known = KEYS
            .iter()
            .find(|known| known.name == key && (variable(known) == name || name == "DATABASE_URL"));
        match (known, value.to_str()) {
            (Some(key), Some(text)) => {
                found.insert(key.name, (name, text.to_owned()));
            }
            (Some(_), None) => wrong.push(format!("`{name}` in the environment: must be UTF-8")),
            (None, _) if name.starts_with(TOLERATED) => {}
            (None, _) => wrong.push(format!("unknown setting `{name}` in the environment")),
        }
    }
    found
}

fn variable(key: &Key) -> String {
    format!("{PREFIX}{}", key.name.to_ascii_uppercase())
}

fn defaults(environment: &Environment) -> Vec<(&'static str, String)> {
    let root = places::root();
    let place = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
    let of = |key: &Key| match key.name {
        "data_dir" => place(places::data_dir(environment, root)).unwrap_or_default(),
        "cache_dir" => place(places::cache_dir(environment, root)).unwrap_or_default(),
        _ => key.default.to_owned(),
    };
    KEYS.iter().map(|key| (key.name, of(key))).collect()
}

/// What a value of the file is as text; a list is its parts with commas between.
fn text_of(value: &Stored) -> Option<String> {
    match value {
        Stored::String(_, text) => Some(text.clone()),
        Stored::Bool(_, true) => Some("on".to_owned()),
        Stored::Bool(_, false) => Some("off".to_owned()),
        Stored::Num(_, number) => number
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| number.to_u128().map(|n| n.to_string()))
            .or_else(|| number.to_f64().map(|n| n.to_string())),
        Stored::Char(_, letter) => Some(letter.to_string()),
        Stored::Array(_, parts) => {
            let parts: Option<Vec<String>> = parts.iter().map(text_of).collect();
            parts.map(|parts| parts.join(","))
        }
        Stored::Empty(..) | Stored::Dict(..) => None,
    }
}

const DEFAULTS: &str = "defaults";
const VARIABLES: &str = "variables";
const FLAGS: &str = "flags";

fn source(figment: &Figment, key: &str, file: Option<&Path>, variables: &Variables) -> Source {
    let layer = figment
        .find_metadata(key)
        .map(|metadata| metadata.name.as_ref());
    let known = KEYS
        .iter()
        .find(|known| known.name == key)
        .map(|known| known.name);
    match (layer, known, file) {
        (Some(FLAGS), Some(key), _) => Source::Flag(key),
        (Some(VARIABLES), Some(key), _) => variables
            .get(key)
            .map_or(Source::Default, |(name, _)| Source::Variable(name.clone())),
        (Some(DEFAULTS) | None, _, _) | (_, _, None) => Source::Default,
        (Some(_), _, Some(path)) => Source::File(path.to_owned()),
    }
}

/// Texts by key, as a layer.
#[derive(Debug)]
struct Layer {
    name: &'static str,
    texts: Vec<(&'static str, String)>,
}

impl Layer {
    fn new(name: &'static str, texts: Vec<(&'static str, String)>) -> Self {
        Self { name, texts }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let texts = self
            .texts
            .iter()
            .map(|(key, text)| ((*key).to_owned(), Stored::from(text.as_str())));
        Ok(Map::from([(Profile::Default, texts.collect())]))
    }
}
