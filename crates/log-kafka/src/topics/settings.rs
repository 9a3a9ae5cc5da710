//! Which settings of a topic a ledger can live with. Pure.

use core::fmt;
use std::collections::BTreeMap;

use crate::Cluster;
use crate::wire::TOPIC_MESSAGE_BYTES;

/// Settings by name, as the brokers tell them.
pub(crate) type Settings = BTreeMap<String, String>;

/// A setting with which a ledger would be lost or distorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The topic's name.
    pub topic: String,
    /// The setting's name.
    pub setting: &'static str,
    /// What it is; empty where the brokers did not say.
    pub found: String,
    /// What it MUST be.
    pub needed: Needed,
    /// What would happen.
    pub because: &'static str,
    brokers: String,
}

/// What a setting must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// This and nothing else.
    Exactly(&'static str),
    /// This many, or more.
    AtLeast(usize),
}

/// Something that a ledger can live with, and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The topic's name.
    pub topic: String,
    /// The setting's name, or `replication factor`.
    pub setting: &'static str,
    /// What it is.
    pub found: String,
    /// What may happen.
    pub because: &'static str,
}

pub(crate) struct Judged {
    pub(crate) wrong: Vec<Wrong>,
    pub(crate) warnings: Vec<Warning>,
}

const RULES: &[(&str, Needed, &str)] = &[
    (
        "cleanup.policy",
        Needed::Exactly("delete"),
        "compaction removes all but the last record of a tenant",
    ),
    (
        "retention.ms",
        Needed::Exactly("-1"),
        "older records are deleted",
    ),
    (
        "retention.bytes",
        Needed::Exactly("-1"),
        "older records are deleted when there are many",
    ),
    (
        "message.timestamp.type",
        Needed::Exactly("LogAppendTime"),
        "whoever appends says when it was",
    ),
    (
        "max.message.bytes",
        Needed::AtLeast(TOPIC_MESSAGE_BYTES),
        "large commands are refused",
    ),
];

/// What a topic is made with: that, and nothing that merely is to be wished for.
pub(crate) fn needed() -> impl Iterator<Item = (&'static str, String)> {
    RULES
        .iter()
        .map(|(setting, needed, _)| (*setting, needed.value()))
}

/// Judges the settings of a topic whose partitions have so many replicas.
pub(crate) fn judge(
    cluster: &Cluster,
    topic: &str,
    replicas: usize,
    settings: &Settings,
) -> Judged {
    let found = |setting: &str| settings.get(setting).cloned().unwrap_or_default();
    let wrong = RULES
        .iter()
        .filter(|(setting, needed, _)| !needed.is_met_by(&found(setting)))
        .map(|(setting, needed, because)| Wrong {
            topic: topic.to_owned(),
            setting,
            found: found(setting),
            needed: *needed,
            because,
            brokers: cluster.brokers.clone(),
        })
        .collect();
    let in_sync = found("min.insync.replicas");
    let least: usize = in_sync.parse().unwrap_or(0);
    let unclean = found("unclean.leader.election.enable");
    let cases = [
        (
            replicas < 3,
            "replication factor",
            replicas.to_string(),
            "records that were acknowledged are lost with few machines; 3 are advised",
        ),
        (
            least < 2,
            "min.insync.replicas",
            in_sync.clone(),
            "a record may be acknowledged that is on one machine alone; 2 are advised",
        ),
        (
            least > replicas,
            "min.insync.replicas",
            in_sync,
            "there are fewer replicas than that, and nothing may be appended",
        ),
        (
            unclean == "true",
            "unclean.leader.election.enable",
            unclean,
            "records that were acknowledged are lost when a machine that lagged takes over",
        ),
    ];
    let warnings = cases
        .into_iter()
        .filter(|(applies, ..)| *applies)
        .map(|(_, setting, found, because)| Warning {
            topic: topic.to_owned(),
            setting,
            found,
            because,
        })
        .collect();
    Judged { wrong, warnings }
}

impl Needed {
    fn is_met_by(self, found: &str) -> bool {
        match self {
            Self::Exactly(value) => found == value,
            Self::AtLeast(least) => found.parse().is_ok_and(|found: usize| found >= least),
        }
    }

    /// A value that meets it.
    pub(crate) fn value(self) -> String {
        match self {
            Self::Exactly(value) => value.to_owned(),
            Self::AtLeast(least) => least.to_string(),
        }
    }
}

impl Wrong {
    /// The command of Kafka's own that mends it.
    #[must_use]
    pub fn mend(&self) -> String {
        format!(
            "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics \
             --entity-name {} --add-config {}={}",
            self.brokers,
            self.topic,
            self.setting,
            self.needed.value()
        )
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            found,
            needed,
            because,
            ..
        } = self;
        let found = if found.is_empty() { "unknown" } else { found };
        write!(
            f,
            "{setting} is {found} and must be {needed}, or {because} (`{}`)",
            self.mend()
        )
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(value) => f.write_str(value),
            Self::AtLeast(least) => write!(f, "{least} or more"),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topic,
            setting,
            found,
            because,
        } = self;
        write!(f, "the topic {topic} has {setting} {found}: {because}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Settings {
        let more = [
            ("min.insync.replicas", "2"),
            ("unclean.leader.election.enable", "false"),
        ];
        needed()
            .map(|(setting, value)| (setting.to_owned(), value))
            .chain(more.map(|(setting, value)| (setting.to_owned(), value.to_owned())))
            .collect()
    }

    fn judged(replicas: usize, settings: &Settings) -> Judged {
        judge(&Cluster::new("k1:9092,k2:9092"), "t", replicas, settings)
    }

    #[test]
    fn what_is_needed_is_fit_and_three_replicas_are_enough() {
        let judged = judged(3, &good());
        assert_eq!((judged.wrong, judged.warnings), (vec![], vec![]));
    }

    #[test]
    fn each_wrong_setting_is_named_with_what_mends_it() {
        for (setting, value) in [
            ("cleanup.policy", "compact,delete"),
            ("cleanup.policy", "compact"),
            ("retention.ms", "604800000"),
            ("retention.bytes", "1073741824"),
            ("message.timestamp.type", "CreateTime"),
            ("max.message.bytes", "1048588"),
            ("max.message.bytes", ""),
        ] {
            let mut settings = good();
            settings.insert(setting.to_owned(), value.to_owned());
            let wrong = judged(3, &settings).wrong;
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert_eq!(
                (wrong[0].setting, wrong[0].found.as_str()),
                (setting, value)
            );
        }
        let mut settings = good();
        settings.insert("retention.ms".to_owned(), "604800000".to_owned());
        assert_eq!(
            judged(3, &settings).wrong[0].to_string(),
            "retention.ms is 604800000 and must be -1, or older records are deleted \
             (`kafka-configs.sh --bootstrap-server k1:9092,k2:9092 --alter --entity-type topics \
             --entity-name t --add-config retention.ms=-1`)"
        );
        let larger = ("max.message.bytes".to_owned(), "10485760".to_owned());
        settings = good();
        settings.extend([larger]);
        assert_eq!(judged(3, &settings).wrong, vec![]);
    }

    #[test]
    fn what_should_be_better_is_said() {
        let warned = |replicas, setting: &str, value: &str| {
            let mut settings = good();
            settings.insert(setting.to_owned(), value.to_owned());
            let judged = judged(replicas, &settings);
            assert_eq!(judged.wrong, vec![]);
            let warned = judged.warnings.into_iter();
            warned.map(|warning| warning.setting).collect::<Vec<_>>()
        };
        let min = "min.insync.replicas";
        assert_eq!(warned(3, min, "1"), [min]);
        assert_eq!(warned(1, min, "1"), ["replication factor", min]);
        assert_eq!(warned(1, min, "2"), ["replication factor", min]);
        assert_eq!(warned(2, min, "2"), ["replication factor"]);
        let unclean = "unclean.leader.election.enable";
        assert_eq!(warned(3, unclean, "true"), [unclean]);
    }
}
