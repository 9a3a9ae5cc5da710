//! Rules for links: which subjects are the same person.
//!
//! To be linked is symmetric and transitive: linking two makes one of all that either is linked
//! with. Unlinking takes one out, and the others stay linked. A link of one is none: who would be
//! left alone is taken out too. A subject need not be registered anywhere: identity providers know
//! it, not this ledger; so it stays linked when its user is removed, until it is unlinked.

use super::Stop;
use super::apis::mint;
use crate::policy;
use crate::state::Draft;
use crate::{
    Fact, Key, Limited, LinkKey, LinkedSubject, LinkedSubjectKey, Realm, Rejection, SubjectRef,
    TenantSeq,
};

type Member = (LinkedSubjectKey, LinkedSubject, TenantSeq);

/// Links two subjects, and all that either is linked with.
pub(super) fn link(
    draft: &mut Draft<'_>,
    subject: &SubjectRef,
    with: &SubjectRef,
) -> Result<(), Stop> {
    if subject == with {
        return Ok(());
    }
    let (one, other) = (members(draft, subject)?, members(draft, with)?);
    let link_of = |members: &[Member]| members.first().map(|(_, row, _)| row.link);
    let joined = one.len().max(1).saturating_add(other.len().max(1));
    // The larger one takes the other in: so fewer rows are written.
    let (link, coming) = match (link_of(&one), link_of(&other)) {
        (Some(one), Some(other)) if one == other => return Ok(()),
        (Some(_), Some(into)) if other.len() > one.len() => (into, moved(draft, one)?),
        (Some(into), Some(_)) => (into, moved(draft, other)?),
        (Some(into), None) => (into, vec![with.clone()]),
        (None, Some(into)) => (into, vec![subject.clone()]),
        (None, None) => {
            let link = mint(draft, LinkKey::minted)?;
            (link, vec![subject.clone(), with.clone()])
        }
    };
    within_limit(joined)?;
    for subject in coming {
        let key = mint(draft, LinkedSubjectKey::minted)?;
        draft.emit(Fact::SubjectLinked { key, link, subject })?;
    }
    Ok(())
}

/// Takes a subject out of what it is linked with.
pub(super) fn unlink(draft: &mut Draft<'_>, subject: &SubjectRef) -> Result<(), Stop> {
    let mut members = members(draft, subject)?;
    let (gone, rest): (Vec<Member>, Vec<Member>) = members
        .drain(..)
        .partition(|(_, row, _)| row.subject == *subject);
    moved(draft, gone)?;
    if rest.len() == 1 {
        moved(draft, rest)?;
    }
    Ok(())
}

/// Takes these out, to be told elsewhere where they go.
fn moved(draft: &mut Draft<'_>, members: Vec<Member>) -> Result<Vec<SubjectRef>, Stop> {
    let mut subjects = Vec::with_capacity(members.len());
    for (key, LinkedSubject { link, subject }, linked_at) in members {
        subjects.push(subject.clone());
        draft.emit(Fact::SubjectUnlinked {
            key,
            link,
            subject,
            linked_at,
        })?;
    }
    Ok(subjects)
}

/// All that a subject is linked with, itself included; none if it is not linked.
fn members(draft: &Draft<'_>, subject: &SubjectRef) -> Result<Vec<Member>, Stop> {
    let Some((_, slot)) = draft.linked(subject)? else {
        return Ok(Vec::new());
    };
    Ok(draft.members_of(slot.row.link, || Key::linked(subject))?)
}

fn within_limit(joined: usize) -> Result<(), Stop> {
    // The same in every realm: a link is of several.
    let limit = policy::of(Realm::Native).limit(Limited::LinkedSubjects);
    if u32::try_from(joined).is_ok_and(|joined| joined <= limit) {
        return Ok(());
    }
    let what = Limited::LinkedSubjects;
    Err(Rejection::TooMany { what, limit }.into())
}
