//! Camunda's evaluation: may somebody do something with a resource?
//!
//! Pure, and asked of rows that somebody else looks up: `decide` in its state, reads in the store.
//!
//! ```text
//!   user ─► groups ─► global          the first level that answers, answers
//!     on each: the resource, then *   a grant before a revoke of the same place
//! ```
//!
//! One row must carry every bit that is asked for. Revokes count if the mode says so; in mode
//! `auto`, if the user, one of its groups or everybody has any revoke at all, on whatever.

use crate::policy::camunda::ANY;
use crate::{AuthorizationKind, Holder, RevokeMode};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who.
    pub user: &'a str,
    /// The groups that it is a member of.
    pub groups: &'a [String],
    /// The bits of the permission.
    pub permission: u32,
    /// The type of the resource.
    pub resource_type: i32,
    /// Which; none asks about all of them, as `*` does.
    pub resource_id: Option<&'a str>,
}

/// Where authorizations are looked up.
pub trait Authorizations {
    /// Why a row could not be looked up.
    type Error;

    /// The bits of the row of this kind, holder and resource.
    ///
    /// # Errors
    /// If it cannot be known.
    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Self::Error>;

    /// Whether the holder has any revoke, on whatever.
    ///
    /// # Errors
    /// If it cannot be known.
    fn has_revoke(&self, holder: &Holder) -> Result<bool, Self::Error>;
}

/// The answer, and the row that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// May it?
    pub allowed: bool,
    /// Whether revokes counted.
    pub revokes: bool,
    /// The row that decided; nothing matched without.
    pub row: Option<DecidingRow>,
}

/// The row that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidingRow {
    /// What it does.
    pub kind: AuthorizationKind,
    /// Whose it is.
    pub holder: Holder,
    /// On which resource, or `*`.
    pub resource_id: String,
}

/// Who holds the rows that a question looks at, level by level, and of which kinds.
fn levels(question: &Question<'_>) -> [(Vec<Holder>, AuthorizationKind, AuthorizationKind); 3] {
    use AuthorizationKind::{Global, Grant, Revoke};
    let groups = question.groups.iter().map(|group| Holder::group(group));
    [
        (vec![Holder::user(question.user)], Grant, Revoke),
        (groups.collect(), Grant, Revoke),
        (vec![Holder::user(ANY)], Global, Global),
    ]
}

/// The ids that a question looks at, in order.
#[must_use]
pub fn resource_ids(resource_id: Option<&str>) -> Vec<&str> {
    match resource_id {
        Some(id) if id != ANY => vec![id, ANY],
        Some(_) | None => vec![ANY],
    }
}

/// Everyone whose rows a question may look at.
#[must_use]
pub fn holders(question: &Question<'_>) -> Vec<Holder> {
    let levels = levels(question);
    levels
        .into_iter()
        .flat_map(|(holders, ..)| holders)
        .collect()
}

/// Answers a question.
///
/// # Errors
/// If a row cannot be looked up.
pub fn check<A: Authorizations>(
    rows: &A,
    mode: RevokeMode,
    question: &Question<'_>,
) -> Result<Verdict, A::Error> {
    let revokes = revokes_count(rows, mode, question)?;
    let asked = question.permission;
    let verdict = |allowed, row| Verdict {
        allowed,
        revokes,
        row,
    };
    for (holders, granting, revoking) in levels(question) {
        for id in resource_ids(question.resource_id) {
            let decides = |kind, matches: &dyn Fn(u32) -> bool| {
                for holder in &holders {
                    let bits = rows.bits(kind, holder, question.resource_type, id)?;
                    if bits.is_some_and(matches) {
                        let (holder, resource_id) = (holder.clone(), id.to_owned());
                        return Ok(Some(DecidingRow {
                            kind,
                            holder,
                            resource_id,
                        }));
                    }
                }
                Ok(None)
            };
            if let Some(row) = decides(granting, &|bits| bits & asked == asked)? {
                return Ok(verdict(true, Some(row)));
            }
            if revokes && let Some(row) = decides(revoking, &|bits| bits & asked != asked)? {
                return Ok(verdict(false, Some(row)));
            }
        }
    }
    Ok(verdict(false, None))
}

/// Whether a list shows a row to somebody: the engine filters lists otherwise than it checks.
///
/// Where revokes count it is the same. Where they do not, any grant will do, one to `*` included.
///
/// # Errors
/// If a row cannot be looked up.
pub fn shows<A: Authorizations>(
    rows: &A,
    mode: RevokeMode,
    question: &Question<'_>,
) -> Result<bool, A::Error> {
    if revokes_count(rows, mode, question)? {
        return Ok(check(rows, mode, question)?.allowed);
    }
    for holder in holders(question) {
        for id in resource_ids(question.resource_id) {
            for kind in [AuthorizationKind::Global, AuthorizationKind::Grant] {
                let bits = rows.bits(kind, &holder, question.resource_type, id)?;
                if bits.is_some_and(|bits| bits & question.permission == question.permission) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Whether revokes count for this user and its groups.
///
/// # Errors
/// If a row cannot be looked up.
pub fn revokes_count<A: Authorizations>(
    rows: &A,
    mode: RevokeMode,
    question: &Question<'_>,
) -> Result<bool, A::Error> {
    match mode {
        RevokeMode::Always => Ok(true),
        RevokeMode::Never => Ok(false),
        RevokeMode::Auto => {
            for holder in holders(question) {
                if rows.has_revoke(&holder)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests;
