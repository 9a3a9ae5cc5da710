//! How a cluster is reached, and the properties that its clients have in common.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};

use crate::Error;

/// Which properties of librdkafka an operator may set: those of getting there.
///
/// Everything else is ours, since a promise may rest on it (`acks`, `isolation.level`,
/// `client.rack`, which would read from followers …).
const SETTABLE: &[&str] = &[
    "broker.address.family",
    "broker.address.ttl",
    "client.dns.lookup",
    "client.id",
    "connections.max.idle.ms",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "security.protocol",
    "socket.connection.setup.timeout.ms",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
];

const SETTABLE_PREFIXES: &[&str] = &["sasl.", "ssl."];

/// A Kafka cluster: where it is, how to get in, how long it may take to answer.
#[derive(Clone)]
pub struct Cluster {
    /// Some brokers, `host:port`, separated by commas. The others are learnt from them.
    pub brokers: String,
    /// Further properties of librdkafka, by name: `security.protocol`, `sasl.…`, `client.id`
    /// and others of getting there. One that a promise rests on is refused.
    pub properties: BTreeMap<String, String>,
    /// How long one question may take: bounds, settings, partitions, a single record.
    pub answer_timeout: Duration,
}

impl Cluster {
    /// A cluster that asks for no password and answers within 5 s.
    #[must_use]
    pub fn new(brokers: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            properties: BTreeMap::new(),
            answer_timeout: Duration::from_secs(5),
        }
    }

    /// What every client has in common; refuses a property that is not the operator's to set.
    pub(crate) fn config(&self) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "writ")
            .set("allow.auto.create.topics", "false")
            .set("enable.metrics.push", "false")
            .set("reconnect.backoff.max.ms", "1000")
            .set("socket.keepalive.enable", "true")
            .set("socket.nagle.disable", "true")
            .set_log_level(RDKafkaLogLevel::Info);
        for (name, value) in &self.properties {
            let settable = SETTABLE.contains(&name.as_str())
                || SETTABLE_PREFIXES
                    .iter()
                    .any(|prefix| name.starts_with(prefix));
            if !settable {
                return Err(Error::Property {
                    name: name.clone(),
                    reason: "it is not one of those that may be set".to_owned(),
                });
            }
            config.set(name, value);
        }
        Ok(config)
    }
}

/// Names of properties only: their values may be passwords.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("brokers", &self.brokers)
            .field("properties", &self.properties.keys())
            .field("answer_timeout", &self.answer_timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Cluster {
        let mut cluster = Cluster::new("127.0.0.1:9092");
        cluster.properties.insert(name.to_owned(), value.to_owned());
        cluster
    }

    #[test]
    fn a_property_that_a_promise_rests_on_is_refused() {
        for name in [
            "acks",
            "enable.idempotence",
            "auto.offset.reset",
            "isolation.level",
            "bootstrap.servers",
            "client.rack",
            "debug",
        ] {
            let refused = with(name, "x").config().map(|_config| ());
            assert!(
                matches!(&refused, Err(Error::Property { name: named, .. }) if named == name),
                "{refused:?}"
            );
        }
        let config = with("sasl.mechanism", "PLAIN").config().unwrap();
        assert_eq!(config.get("sasl.mechanism"), Some("PLAIN"));
    }

    #[test]
    fn a_password_is_not_shown() {
        let shown = format!("{:?}", with("sasl.password", "open sesame"));
        assert!(shown.contains("sasl.password"), "{shown}");
        assert!(!shown.contains("open sesame"), "{shown}");
    }

    /// What the crate's documentation says of security.
    #[test]
    fn the_build_speaks_what_it_is_said_to_speak() {
        let features = ClientConfig::new()
            .create_native_config()
            .and_then(|config| config.get("builtin.features"))
            .unwrap();
        let features: Vec<&str> = features.split(',').collect();
        assert!(features.contains(&"sasl_plain"), "{features:?}");
        assert!(features.contains(&"lz4"), "{features:?}");
        for absent in ["ssl", "sasl_scram", "sasl_gssapi", "sasl_oauthbearer"] {
            assert!(!features.contains(&absent), "{features:?}");
        }
    }
}
