//! A fragment, as it is decided and as it stands in files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use writ_domain::{BucketMap, Offset, Partition, State, TenantId};
use writ_envelope::Hash;
use writ_log::{Logged, Record};
use writ_store::ledger::{Cursor, Decided};

use crate::{Decider, Step, digest_of};

/// Entries between one cut and the next.
const CUT: usize = 20;

/// Records, the entries that they became, and how the ledger stood now and then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) lines: Vec<Line>,
    pub(super) cuts: Vec<Cut>,
}

/// A record and its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) partition: Partition,
    pub(super) logged: Logged,
    pub(super) kind: String,
    pub(super) outcome: String,
    facts: String,
    chain: Hash,
}

/// How a partition stood after so many entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) partition: Partition,
    pub(super) entries: u64,
    pub(super) chain: Hash,
    /// By which an owner of a later release must know this log again.
    anchor: Option<Hash>,
    pub(super) outcomes: BTreeMap<String, u64>,
    pub(super) digests: BTreeMap<TenantId, Hash>,
}

pub(super) fn partition_of(cut: &Cut) -> Partition {
    cut.partition
}

/// A partition that is decided from genesis.
#[derive(Debug)]
pub(super) struct Folded {
    decider: Decider,
    pub(super) cursor: Cursor,
    pub(super) entries: Vec<Decided>,
}

impl Folded {
    pub(super) fn genesis(partitions: usize, partition: Partition) -> Self {
        let map = BucketMap::try_new(u16::try_from(partitions).unwrap()).unwrap();
        Self {
            decider: Decider::complete(map),
            cursor: Cursor::genesis(partition),
            entries: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, records: &[Logged]) {
        let (mut working, ..) = self.decider.begin(&self.cursor, records.to_vec());
        // No record is ahead of the end of time.
        let step = self.decider.step(&mut working, DateTime::<Utc>::MAX_UTC);
        match step.unwrap_or_else(|halt| panic!("{halt}")) {
            Step::Ready(batch, rest) if rest.is_empty() => {
                self.cursor = batch.after;
                self.entries.extend(batch.entries);
            }
            other @ (Step::Ready(..) | Step::Load(_)) => {
                panic!("a complete state needs more: {other:?}")
            }
        }
    }

    fn cut(&mut self) -> Cut {
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        let mut digests = BTreeMap::new();
        for entry in &self.entries {
            *outcomes.entry(entry.outcome.kind().to_owned()).or_default() += 1;
            let nothing = State::genesis();
            let state = self.decider.states().get(&entry.tenant).unwrap_or(&nothing);
            let digest = digest_of(&entry.tenant, state.live_rows()).unwrap();
            digests.insert(entry.tenant.clone(), digest);
        }
        Cut {
            partition: self.cursor.partition,
            entries: self.cursor.seq.0,
            chain: self.cursor.chain,
            anchor: self.cursor.anchor,
            outcomes,
            digests,
        }
    }
}

impl Fragment {
    /// Decides the logs of all partitions.
    pub(super) fn decided(logs: &[Vec<Logged>]) -> Self {
        let mut fragment = Self {
            lines: Vec::new(),
            cuts: Vec::new(),
        };
        for (partition, log) in (0..).map(Partition).zip(logs) {
            let mut folded = Folded::genesis(logs.len(), partition);
            for records in log.chunks(CUT) {
                folded.take(records);
                fragment.cuts.push(folded.cut());
            }
            assert_eq!(folded.entries.len(), log.len());
            let lines = log.iter().zip(folded.entries).map(|(logged, entry)| Line {
                partition,
                logged: logged.clone(),
                kind: entry.kind.to_owned(),
                outcome: entry.outcome_json,
                facts: entry.facts_json,
                chain: entry.chain,
            });
            fragment.lines.extend(lines);
        }
        fragment
    }

    /// The records of each partition.
    pub(super) fn logs(&self) -> Vec<Vec<Logged>> {
        let mut logs: BTreeMap<Partition, Vec<Logged>> = BTreeMap::new();
        for line in &self.lines {
            let log = logs.entry(line.partition).or_default();
            log.push(line.logged.clone());
        }
        logs.into_values().collect()
    }

    pub(super) fn write(&self, dir: &Path) {
        fs::create_dir_all(dir).unwrap();
        let lines = self.lines.iter().map(|line| format!("{}\n", line.json()));
        fs::write(dir.join("log.jsonl"), lines.collect::<String>()).unwrap();
        let cuts: Vec<Value> = self.cuts.iter().map(Cut::json).collect();
        let cuts = serde_json::to_string_pretty(&cuts).unwrap();
        fs::write(dir.join("digests.json"), cuts + "\n").unwrap();
    }

    pub(super) fn read(dir: &Path) -> Self {
        let text = |name: &str| {
            let path = dir.join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let lines = text("log.jsonl");
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let cuts: Vec<Value> = serde_json::from_str(&text("digests.json")).unwrap();
        Self {
            lines: lines.map(|line: Value| Line::of(&line)).collect(),
            cuts: cuts.iter().map(Cut::of).collect(),
        }
    }
}

impl Line {
    pub(super) fn applied(&self) -> bool {
        self.outcome == r#"{"type":"applied"}"#
    }

    fn json(&self) -> Value {
        let record = &self.logged.record;
        let headers = record.headers.iter();
        let headers = headers.map(|(name, value)| json!([name, bytes(value)]));
        json!({
            "partition": self.partition.0,
            "offset": self.logged.offset.0,
            "time": instant(self.logged.time),
            "key": bytes(&record.key),
            "value": bytes(&record.value),
            "headers": headers.collect::<Vec<_>>(),
            "entry": {
                "kind": self.kind,
                "outcome": self.outcome,
                "facts": self.facts,
                "chain": self.chain.to_string(),
            },
        })
    }

    fn of(line: &Value) -> Self {
        let headers = line["headers"].as_array().unwrap().iter();
        let headers = headers.map(|header| (text(&header[0]), unbytes(&header[1])));
        let entry = &line["entry"];
        Self {
            partition: partition(line),
            logged: Logged {
                offset: Offset(line["offset"].as_u64().unwrap()),
                time: text(&line["time"]).parse().unwrap(),
                record: Record {
                    key: unbytes(&line["key"]),
                    value: unbytes(&line["value"]),
                    headers: headers.collect(),
                },
            },
            kind: text(&entry["kind"]),
            outcome: text(&entry["outcome"]),
            facts: text(&entry["facts"]),
            chain: hash(&entry["chain"]),
        }
    }
}

impl Cut {
    fn json(&self) -> Value {
        let digests = self.digests.iter();
        let digests = digests.map(|(tenant, digest)| (tenant.to_string(), digest.to_string()));
        json!({
            "partition": self.partition.0,
            "entries": self.entries,
            "chain": self.chain.to_string(),
            "anchor": self.anchor.map(|anchor| anchor.to_string()),
            "outcomes": self.outcomes,
            "digests": digests.collect::<BTreeMap<_, _>>(),
        })
    }

    fn of(cut: &Value) -> Self {
        let (outcomes, digests) = (cut["outcomes"].as_object(), cut["digests"].as_object());
        let count = |(kind, count): (&String, &Value)| (kind.clone(), count.as_u64().unwrap());
        let digest = |(tenant, digest): (&String, &Value)| {
            (TenantId::from_stored(tenant).unwrap(), hash(digest))
        };
        Self {
            partition: partition(cut),
            entries: cut["entries"].as_u64().unwrap(),
            chain: hash(&cut["chain"]),
            anchor: Some(hash(&cut["anchor"])),
            outcomes: outcomes.unwrap().iter().map(count).collect(),
            digests: digests.unwrap().iter().map(digest).collect(),
        }
    }
}

fn partition(value: &Value) -> Partition {
    Partition(u16::try_from(value["partition"].as_u64().unwrap()).unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn hash(value: &Value) -> Hash {
    text(value).parse().unwrap()
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Text as it is, other bytes in hexadecimal.
fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_not_text) => {
            let mut hex = String::new();
            for byte in bytes {
                write!(hex, "{byte:02x}").unwrap();
            }
            json!({ "hex": hex })
        }
    }
}

fn unbytes(value: &Value) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return text.as_bytes().to_vec();
    }
    let hex = text(&value["hex"]);
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}
