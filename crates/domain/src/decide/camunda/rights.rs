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
    if has(draft, user, right, place)? {
        return Ok(());
    }
    Err(Stop::Denied(Denial::MissingPermission {
        user: user.clone(),
        permission: right.as_str().to_owned(),
        resource_type: place.resource_type,
        resource_id: place.resource_id.map(str::to_owned),
    }))
}

fn has(draft: &Draft<'_>, user: &str, right: Right, place: Place<'_>) -> Result<bool, Stop> {
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
    Ok(check::check(&Seen(draft), mode, &question)?.allowed)
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
