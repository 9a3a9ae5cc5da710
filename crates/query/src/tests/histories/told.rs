//! What the code under test tells, and what the model says, in the same words.

use writ_domain::Realm;
use writ_store::grants::{Authorized, Granted, Linked, LinkedLife, Via, Way};

use super::super::model::{By, Person, Yes};

pub(super) fn by(via: &Via) -> By {
    match via {
        Via::Direct => By::Direct,
        Via::Role(role) => By::Role(role.clone()),
        Via::Group(group) => By::Group(group.clone()),
        Via::Everyone => By::Everyone,
    }
}

/// An answer: realm, by which other id, by what, the entry that opened it.
pub(super) type Answer = (Realm, Option<Linked>, By, u64);

pub(super) fn told(granted: &Granted) -> Answer {
    let linked = granted.linked.clone();
    (granted.realm, linked, by(&granted.via), granted.opened.at.0)
}

pub(super) fn expected_answer(yes: &Yes) -> Answer {
    let linked = linked(&yes.person);
    (yes.person.realm, linked, yes.by.clone(), yes.opened)
}

fn linked(person: &Person) -> Option<Linked> {
    (person.linked > 0).then(|| Linked {
        realm: person.realm,
        subject: person.subject.clone(),
    })
}

/// A way: realm, by which other id and where that is linked, by what, the authorization, the
/// entries that opened and closed it.
pub(super) type Outline = (
    Realm,
    Option<(Option<Realm>, Linked)>,
    By,
    Option<String>,
    u64,
);

pub(super) fn outlined(yes: &Yes) -> Outline {
    let linked = linked(&yes.person).map(|linked| (yes.person.named_in, linked));
    (
        yes.person.realm,
        linked,
        yes.by.clone(),
        yes.authorization.clone(),
        yes.opened,
    )
}

fn outline_of_link(linked: Option<&LinkedLife>) -> Option<(Option<Realm>, Linked)> {
    linked.map(|linked| (Some(linked.named_in), linked.to.clone()))
}

pub(super) fn outline(way: &Way) -> (Outline, Option<u64>) {
    let role = way.role.as_ref();
    let by = role.map_or(By::Direct, |link| By::Role(link.id.clone()));
    let linked = outline_of_link(way.linked.as_ref());
    let outline = (way.realm, linked, by, None, way.open.from.0);
    (outline, way.open.to.map(|to| to.0))
}

pub(super) fn outline_of_authorized(way: &Authorized) -> (Outline, Option<u64>) {
    let linked = outline_of_link(way.linked.as_ref());
    let id = Some(way.id.clone());
    let outline = (Realm::Camunda, linked, by(&way.via), id, way.open.from.0);
    (outline, way.open.to.map(|to| to.0))
}
