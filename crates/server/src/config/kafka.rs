//! The kinds of value that settings of Kafka have.

use core::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::value::{Listen, Value};

/// `HOST:PORT`, one or more, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brokers(pub(crate) String);

impl Value for Brokers {
    fn read(text: &str) -> Result<Self, String> {
        let brokers: Vec<&str> = text.split(',').map(str::trim).collect();
        let wrong = |broker: &&str| Listen::read(broker).is_err() || broker.ends_with(":0");
        if brokers.iter().any(wrong) {
            return Err("must be HOST:PORT, or several separated by commas".into());
        }
        Ok(Self(brokers.join(",")))
    }
}

/// What the names of topics begin with; Kafka's own rules for names hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicPrefix(pub(crate) String);

/// Kafka allows 249; the longest name after the prefix must fit too.
const PREFIX_CHARS_MAX: usize = 200;

impl Value for TopicPrefix {
    fn read(text: &str) -> Result<Self, String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.chars().all(legal) && text.len() <= PREFIX_CHARS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "must be at most {PREFIX_CHARS_MAX} of a-z, A-Z, 0-9, '.', '_' and '-'"
            ))
        }
    }
}

/// Of how many brokers each keeps a copy of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replication {
    /// Three, or as many as there are brokers.
    Auto,
    /// Just so many.
    Exactly(u16),
}

impl Value for Replication {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "auto" => Ok(Self::Auto),
            Ok(count @ 1..=100) => Ok(Self::Exactly(count)),
            Ok(_) | Err(_) => Err("must be `auto` or a number from 1 to 100".into()),
        }
    }
}

/// Properties of the Kafka client. They may hold a password, so none is ever shown.
#[derive(Clone, Default)]
pub(crate) struct Properties(Vec<(String, SecretString)>);

impl Properties {
    /// Name and value, in the order given.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let pair = |(name, value): &(String, SecretString)| {
            (name.clone(), value.expose_secret().to_owned())
        };
        self.0.iter().map(pair).collect()
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Value for Properties {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut properties: Vec<(String, SecretString)> = Vec::new();
        for pair in text.split(',') {
            let Some((name, value)) = pair.split_once('=') else {
                return Err("must be NAME=VALUE, or several separated by commas".into());
            };
            let name = name.trim();
            if name.is_empty() || properties.iter().any(|(other, _)| other == name) {
                return Err("must name each property once".into());
            }
            properties.push((name.to_owned(), SecretString::from(value.trim())));
        }
        Ok(Self(properties))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_hosts_with_ports() {
        assert_eq!(
            Brokers::read("a:9092, b:9092"),
            Ok(Brokers("a:9092,b:9092".into()))
        );
        for wrong in ["a", "a:0", "a:9092,", ":9092", "a:x"] {
            assert!(Brokers::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_prefix_is_a_legal_name() {
        assert!(TopicPrefix::read("").is_ok());
        assert!(TopicPrefix::read("a.b_c-9.").is_ok());
        assert!(TopicPrefix::read("a/b").is_err());
        assert!(TopicPrefix::read(&"a".repeat(201)).is_err());
    }

    #[test]
    fn properties_keep_their_values_to_themselves() {
        let read = Properties::read("sasl.username=u, sasl.password=p=q").unwrap();
        assert_eq!(
            read.pairs(),
            [
                ("sasl.username".to_owned(), "u".to_owned()),
                ("sasl.password".to_owned(), "p=q".to_owned())
            ]
        );
        assert_eq!(format!("{read:?}"), r#"["sasl.username", "sasl.password"]"#);
        for wrong in ["a", "=b", "a=1,a=2", "a=1,"] {
            assert!(Properties::read(wrong).is_err(), "{wrong}");
        }
    }
}
