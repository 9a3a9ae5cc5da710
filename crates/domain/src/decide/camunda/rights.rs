//! Whose rights decide: the authorizations of the user that asks, as of the log.

use std::collections::BTreeSet;

use super::super::Stop;
use crate::check::{self, Authorizations, Question};
use crate::policy::camunda::Right;
use crate::state::{Draft, Missing};
use crate::{AuthorizationKind, Counted, Denial, Holder, Key, Realm, RevokeMode};

/// What a right is asked on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) resource_type: i32,
    /// Which; none asks for the right on all of them.
    pub(super) resource_id: Option<&'a str>,
}

/// Denies unless the user has the right. Nobody in particular has every right.
pub(super) fn require(
    draft: &Draft<'_>,
    by: Option<&String>,
    right: Right,
    place: Place<'_>,
) -> Result<(), Stop> {
    let Some(user) = by else {
        return Ok(());
    };
    let has = asked(draft, user, right, place, |seen, mode, question| {
        Ok(check::check(seen, mode, question)?.allowed)
    })?;
    if has {
        return Ok(());
    }
    Err(lacks(user, right, place))
}

/// Denies unless a list would show it to the user: so the engine finds what it is to change.
pub(super) fn require_shown(
    draft: &Draft<'_>,
    by: Option<&String>,
    place: Place<'_>,
) -> Result<(), Stop> {
    let Some(user) = by else {
        return Ok(());
    };
    let shown = asked(draft, user, Right::Read, place, |seen, mode, question| {
        check::shows(seen, mode, question)
    })?;
    if shown {
        return Ok(());
    }
    Err(lacks(user, Right::Read, place))
}

fn lacks(user: &str, right: Right, place: Place<'_>) -> Stop {
    Stop::Denied(Denial::MissingPermission {
        user: user.to_owned(),
        permission: right.as_str().to_owned(),
        resource_type: place.resource_type,
        resource_id: place.resource_id.map(str::to_owned),
    })
}

fn asked(
    draft: &Draft<'_>,
    user: &str,
    right: Right,
    place: Place<'_>,
    answer: impl FnOnce(&Seen<'_, '_>, RevokeMode, &Question<'_>) -> Result<bool, Missing>,
) -> Result<bool, Stop> {
    let mode = draft.camunda_settings()?.revoke_mode;
    let groups = draft.groups_of(Realm::Camunda, user)?;
    let question = Question {
        user,
        groups: &groups,
        permission: right.bits(),
        resource_type: place.resource_type,
        resource_id: place.resource_id,
    };
    let unknown = unknown(draft, mode, &question);
    if !unknown.is_empty() {
        return Err(Stop::Need(unknown));
    }
    Ok(answer(&Seen(draft), mode, &question)?)
}

/// Everything that the question may look at and that is not known: it is asked for at once.
fn unknown(draft: &Draft<'_>, mode: RevokeMode, question: &Question<'_>) -> BTreeSet<Key> {
    let mut unknown = BTreeSet::new();
    for holder in check::holders(question) {
        for id in check::resource_ids(question.resource_id) {
            let key = Key::authorizations_of(&holder, question.resource_type, id);
            if !draft.knows_camunda(&key) {
                unknown.insert(key);
            }
        }
        if mode == RevokeMode::Auto && draft.has_revoke(&holder).is_err() {
            unknown.insert(Key::Count(Counted::Revokes(holder)));
        }
    }
    unknown
}

struct Seen<'d, 's>(&'d Draft<'s>);

impl Authorizations for Seen<'_, '_> {
    type Error = Missing;

    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Missing> {
        let found = self
            .0
            .authorization_of(kind, holder, resource_type, resource_id)?;
        Ok(found.map(|(_, slot)| slot.row.terms.permissions))
    }

    fn has_revoke(&self, holder: &Holder) -> Result<bool, Missing> {
        self.0.has_revoke(holder)
    }
}
