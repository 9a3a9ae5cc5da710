//! The answer of Camunda's rules over the rows that a statement brings.
//!
//! **Shape.** [`Rights`] are the rows that may decide one question for one subject at one time. The
//! evaluation is the domain's; which row decided says by what somebody may, and since when.

use std::collections::BTreeMap;

use writ_domain::check::{self, Authorizations, Verdict};
use writ_domain::{AuthorizationKind, Holder, RevokeMode};

use super::Via;
use super::check::Place;
use crate::Error;
use crate::entries::statement::Statement;
use crate::ledger::rows::{authorization_kind, bits, holder_of, revoke_mode};

/// An authorization as it stood, and what decides whether revokes count.
#[derive(Debug, Clone)]
pub(super) struct Row {
    kind: AuthorizationKind,
    holder: Holder,
    resource_id: String,
    bits: u32,
    /// Of a group's: its key, by which groups are ordered.
    group_key: u64,
    mode: RevokeMode,
    has_revoke: bool,
}

impl Row {
    pub(super) fn read(statement: Statement, row: &tokio_postgres::Row) -> Result<Self, Error> {
        Ok(Self {
            kind: authorization_kind(row)?,
            holder: holder_of(row)?,
            resource_id: statement.get(row, "resource_id")?,
            bits: bits(row)?,
            group_key: statement.number(row, "group_key")?,
            mode: revoke_mode(&statement.get::<String>(row, "revoke_mode")?)?,
            has_revoke: statement.get(row, "has_revoke")?,
        })
    }
}

/// Where an authorization stands: no two of one place are there at once.
type Stand = (AuthorizationKind, Holder, String);

/// The rows that may decide a question, each with what the caller knows of it.
#[derive(Debug, Clone)]
pub(super) struct Rights<T> {
    rows: BTreeMap<Stand, (u32, T)>,
    /// The groups that hold rows, by their keys.
    groups: BTreeMap<u64, String>,
    mode: RevokeMode,
    has_revoke: bool,
}

impl<T> Rights<T> {
    pub(super) fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            groups: BTreeMap::new(),
            mode: RevokeMode::default(),
            has_revoke: false,
        }
    }

    pub(super) fn take(&mut self, row: Row, of: T) -> Result<(), Error> {
        self.mode = row.mode;
        self.has_revoke |= row.has_revoke;
        if let Some(group) = row.holder.group_id() {
            self.groups.insert(row.group_key, group.to_owned());
        }
        let stand = (row.kind, row.holder, row.resource_id);
        match self.rows.insert(stand, (row.bits, of)) {
            None => Ok(()),
            Some(_) => Err(Error::Inconsistent {
                what: "authorizations",
                problem: "two of one kind, holder and resource".to_owned(),
            }),
        }
    }

    fn verdict(&self, user: &str, place: Place<'_>) -> Verdict {
        let groups: Vec<String> = self.groups.values().cloned().collect();
        let question = check::Question {
            user,
            groups: &groups,
            permission: place.bits,
            resource_type: place.resource_type,
            resource_id: Some(place.resource_id),
        };
        match check::check(self, self.mode, &question) {
            Ok(verdict) => verdict,
            Err(never) => match never {},
        }
    }

    /// By what the user may, and what the caller knows of the row that says so.
    pub(super) fn allows(mut self, user: &str, place: Place<'_>) -> Option<(Via, T)> {
        let verdict = self.verdict(user, place);
        let row = verdict.row.filter(|_| verdict.allowed)?;
        let via = via(row.kind, &row.holder);
        let stand = (row.kind, row.holder, row.resource_id);
        self.rows.remove(&stand).map(|(_, of)| (via, of))
    }
}

/// By what a row gives or takes.
pub(super) fn via(kind: AuthorizationKind, holder: &Holder) -> Via {
    match (kind, holder) {
        (AuthorizationKind::Global, _) => Via::Everyone,
        (_, Holder::Group { group }) => Via::Group(group.clone()),
        (_, Holder::User { .. }) => Via::Direct,
    }
}

impl<T> Authorizations for Rights<T> {
    type Error = core::convert::Infallible;

    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        _resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Self::Error> {
        let stand = (kind, holder.clone(), resource_id.to_owned());
        Ok(self.rows.get(&stand).map(|(bits, _)| *bits))
    }

    /// Of anybody whom the question looks at: the statement says no more than that.
    fn has_revoke(&self, _holder: &Holder) -> Result<bool, Self::Error> {
        Ok(self.has_revoke)
    }
}
