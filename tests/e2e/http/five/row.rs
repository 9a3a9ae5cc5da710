//! A request, its exact answer, and what is told of it.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::Client;

use crate::ledger::{self, Revision};
use crate::watch::Watch;

const REASON: &str = "One of five";

/// A request, its exact answer, and the entry that it leaves, if it leaves one.
pub(in crate::http) struct Row {
    what: String,
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
    status: u16,
    /// Times stand in it as `{{ts}}`.
    answer: String,
    leaves: Option<Entry>,
}

/// What is on record of a request.
#[derive(Clone)]
pub(in crate::http) struct Entry {
    pub(in crate::http) actor: String,
    pub(in crate::http) command: &'static str,
    pub(in crate::http) outcome: Value,
    /// Without the numbers of nouns and entries, which are the ledger's to choose.
    pub(in crate::http) facts: Vec<Value>,
    /// A query of history that shows the entry, and whether it changed what is asked for.
    pub(in crate::http) concern: (String, bool),
}

impl Entry {
    pub(in crate::http) fn applied(
        actor: &str,
        command: &'static str,
        facts: Vec<Value>,
        concern: &str,
    ) -> Self {
        Self {
            facts,
            concern: (concern.to_owned(), true),
            ..Self::of(actor, command, json!({"type": "applied"}), concern)
        }
    }

    pub(in crate::http) fn unchanged(actor: &str, command: &'static str, concern: &str) -> Self {
        Self::of(actor, command, json!({"type": "unchanged"}), concern)
    }

    pub(in crate::http) fn rejected(
        actor: &str,
        command: &'static str,
        rejection: &Value,
        concern: &str,
    ) -> Self {
        let outcome = json!({"type": "rejected", "rejection": rejection});
        Self::of(actor, command, outcome, concern)
    }

    pub(in crate::http) fn denied(
        actor: &str,
        command: &'static str,
        denial: &Value,
        concern: &str,
    ) -> Self {
        let outcome = json!({"type": "denied", "denial": denial});
        Self::of(actor, command, outcome, concern)
    }

    fn of(actor: &str, command: &'static str, outcome: Value, concern: &str) -> Self {
        Self {
            actor: actor.to_owned(),
            command,
            outcome,
            facts: Vec::new(),
            concern: (concern.to_owned(), false),
        }
    }
}

impl Row {
    pub(in crate::http) fn new(what: &str, client: &Client, method: Method, path: &str) -> Self {
        Self {
            what: what.to_owned(),
            client: client.clone(),
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            status: 0,
            answer: String::new(),
            leaves: None,
        }
    }

    pub(in crate::http) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With this text as JSON.
    pub(in crate::http) fn json(self, body: &(impl ToString + ?Sized)) -> Self {
        self.body("application/json", body)
    }

    pub(in crate::http) fn body(
        mut self,
        media_type: &'static str,
        body: &(impl ToString + ?Sized),
    ) -> Self {
        self.body = Some((media_type, body.to_string()));
        self
    }

    pub(in crate::http) fn answers(mut self, status: u16, answer: impl Into<String>) -> Self {
        self.status = status;
        self.answer = answer.into();
        self
    }

    pub(in crate::http) fn leaves(mut self, entry: Entry) -> Self {
        self.leaves = Some(entry);
        self
    }

    /// Sends it; compares answer and ledger with what it says. The entry, or null.
    pub(in crate::http) async fn check(&self, watch: &mut Watch) -> Value {
        let mut request = self.client.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((media_type, body)) = &self.body {
            request = request.body(media_type, body.clone());
        }
        let answer = request.header("writ-reason", REASON).send().await;
        let what = format!(
            "{} {} {:?}: {}",
            self.method, self.path, self.body, self.what
        );
        let told = (answer.status, timeless(&answer.text()));
        assert_eq!(told, (self.status, self.answer.clone()), "{what}");
        let Some(entry) = &self.leaves else {
            watch.nothing(&what).await;
            return Value::Null;
        };
        let (change, command) = watch.one(&what).await;
        assert_eq!(Revision::of(&answer).tenant_seq(), watch.head(), "{what}");
        assert_eq!(change["kind"], entry.command, "{what}: {change}");
        assert_eq!(command["type"], entry.command, "{what}: {command}");
        assert_eq!(change["outcome"], entry.outcome, "{what}");
        assert_eq!(change["actor"]["subject"], entry.actor, "{what}: {change}");
        assert_eq!(change["reason"], REASON, "{what}: {change}");
        assert_eq!(bare(&change["facts"]), json!(entry.facts), "{what}");
        self.is_in_history(watch, entry, &change, &what).await;
        change
    }

    /// By the noun that it concerns, and by its actor.
    async fn is_in_history(&self, watch: &Watch, entry: &Entry, change: &Value, what: &str) {
        let (query, changed) = &entry.concern;
        let actor = format!("actor={}", ledger::encoded(&entry.actor));
        for query in [query, &actor] {
            let newest = ledger::history(watch.client(), query).await;
            let newest = newest.into_iter().next();
            let mut newest = newest.unwrap_or_else(|| panic!("{what}: no history of {query}"));
            let members = newest.as_object_mut().expect("an object");
            let was_changed = members.remove("changed");
            assert_eq!(&newest, change, "{what}: history of {query}");
            if *query != actor {
                assert_eq!(was_changed, Some(Value::Bool(*changed)), "{what}: {query}");
            }
        }
    }
}

/// A value without the numbers that the ledger chooses.
pub(in crate::http) fn bare(value: &Value) -> Value {
    match value {
        Value::Array(all) => all.iter().map(bare).collect(),
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, value)| {
                let chosen = ["key", "namespace", "granted_at", "assigned_at", "ordinal"];
                !(value.is_number() && chosen.contains(&name.as_str()))
            });
            let kept = kept.map(|(name, value)| (name.clone(), bare(value)));
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// A body of Nest Auth's with its times taken out.
fn timeless(body: &str) -> String {
    let mut rest = body.to_owned();
    for name in ["createdAt", "updatedAt"] {
        let begins = format!("\"{name}\":\"");
        let mut parts = rest.split(&begins);
        let mut told = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (time, after) = part.split_at_checked(24).unwrap_or(("", part));
            assert!(time.ends_with('Z'), "{name} in {body}");
            told.push_str(&begins);
            told.push_str("{{ts}}");
            told.push_str(after);
        }
        rest = told;
    }
    rest
}
