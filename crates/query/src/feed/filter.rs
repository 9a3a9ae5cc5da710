//! Which entries somebody wants to hear of.

use writ_domain::{Command, Fact, NounKind, Reach, Realm, concerns};
use writ_http::Problem;
use writ_store::entries::Entry;

use crate::params::Params;

/// Keys of the query that narrow the feed.
pub(crate) const KEYS: [&str; 5] = ["subject", "role", "realm", "kind", "actor"];

/// Which entries somebody wants to hear of: those to which all that is said applies.
///
/// **Correctness.** Who asks for one user or role may keep what that user may do. So what may take
/// something from them without naming them passes too: the end of any noun, and for a user every
/// change of what a role holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    subject: Option<String>,
    role: Option<String>,
    realm: Option<Realm>,
    kind: Option<String>,
    actor: Option<String>,
}

impl Filter {
    pub(crate) fn read(params: &Params) -> Result<Self, Problem> {
        let realms = Realm::ALL.map(|realm| (realm.as_str(), realm));
        let text = |key| params.text(key).map(str::to_owned);
        Ok(Self {
            subject: text("subject"),
            role: text("role"),
            realm: params.word("realm", &realms)?,
            kind: text("kind"),
            actor: text("actor"),
        })
    }

    /// Whether everything passes.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn passes(&self, entry: &Entry) -> bool {
        self.is_of_actor(entry) && self.is_of_kind(entry) && self.is_about(entry)
    }

    fn is_of_actor(&self, entry: &Entry) -> bool {
        self.actor
            .as_ref()
            .is_none_or(|actor| *actor == entry.subject)
    }

    /// The name of a command, of one in a batch, or of a fact.
    fn is_of_kind(&self, entry: &Entry) -> bool {
        let Some(kind) = &self.kind else { return true };
        let command = entry
            .submission
            .as_ref()
            .map(|submission| &submission.command);
        let mut within: &[Command] = &[];
        if let Some(Command::Batch(commands)) = command {
            within = commands;
        }
        entry.kind == *kind
            || within.iter().any(|command| command.kind() == kind)
            || entry.facts.iter().any(|fact| fact.kind() == kind)
    }

    fn is_about(&self, entry: &Entry) -> bool {
        if self.subject.is_none() && self.role.is_none() && self.realm.is_none() {
            return true;
        }
        let asks_for_one = self.subject.is_some() || self.role.is_some();
        let reach = entry.facts.iter().map(Fact::reach).max();
        let reach = reach.unwrap_or(Reach::Named);
        if asks_for_one && reach == Reach::Everybody {
            return true;
        }
        let Some(submission) = &entry.submission else {
            return false;
        };
        let nouns = concerns(&submission.command, &entry.facts);
        // It names nothing, and may change every answer of its realm.
        let configures = |fact: &Fact| matches!(fact, Fact::CamundaConfigured { .. });
        if self.realm == Some(Realm::Camunda) && entry.facts.iter().any(configures) {
            return true;
        }
        let is_of_realm = |realm| self.realm.is_none_or(|asked| asked == realm);
        let names = |kind, id: &Option<String>| {
            id.as_ref().is_none_or(|id| {
                let mut nouns = nouns.keys();
                nouns.any(|noun| noun.kind == kind && noun.id == *id && is_of_realm(noun.realm))
            })
        };
        nouns.keys().any(|noun| is_of_realm(noun.realm))
            && names(NounKind::Role, &self.role)
            && (reach == Reach::HoldersOfRole || names(NounKind::User, &self.subject))
    }
}
