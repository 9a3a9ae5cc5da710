//! Who is the same person as whom.

use crate::testing::nestauth::{link, subject, unlink};
use crate::testing::{Given, auth0, batch, given};
use crate::{Fact, Limited, Rejection, SubjectRef};

/// Who is linked with whom, told from the facts of all entries.
#[derive(Default)]
struct Groups(Vec<Vec<SubjectRef>>);

impl Groups {
    fn of(mut self, facts: &[Fact]) -> Self {
        for fact in facts {
            match fact {
                Fact::SubjectLinked { link, subject, .. } => {
                    let place = usize::try_from(link.made_by().0).unwrap();
                    self.0.resize(self.0.len().max(place + 1), Vec::new());
                    self.0[place].push(subject.clone());
                }
                Fact::SubjectUnlinked { link, subject, .. } => {
                    let place = usize::try_from(link.made_by().0).unwrap();
                    self.0[place].retain(|one| one != subject);
                }
                other => panic!("{other:?}"),
            }
        }
        self
    }

    fn sorted(&self) -> Vec<Vec<SubjectRef>> {
        let mut groups = self.0.clone();
        groups.retain(|group| !group.is_empty());
        for group in &mut groups {
            group.sort();
        }
        groups.sort();
        groups
    }
}

fn groups(groups: &[&[&str]]) -> Vec<Vec<SubjectRef>> {
    let sorted = |group: &&[&str]| {
        let mut group: Vec<SubjectRef> = group.iter().map(|text| subject(text)).collect();
        group.sort();
        group
    };
    let mut groups: Vec<_> = groups.iter().map(sorted).collect();
    groups.sort();
    groups
}

#[test]
fn to_be_linked_is_symmetric_and_transitive() {
    let mut now = given([]);
    let mut told = Groups::default();
    for (command, after) in [
        (
            link("auth0:ann", "nestauth:7"),
            groups(&[&["auth0:ann", "nestauth:7"]]),
        ),
        (
            link("native:bob", "auth0:bob"),
            groups(&[&["auth0:ann", "nestauth:7"], &["native:bob", "auth0:bob"]]),
        ),
        (
            link("native:ann", "nestauth:7"),
            groups(&[
                &["auth0:ann", "nestauth:7", "native:ann"],
                &["native:bob", "auth0:bob"],
            ]),
        ),
        (
            link("auth0:bob", "native:ann"),
            groups(&[&[
                "auth0:ann",
                "nestauth:7",
                "native:ann",
                "native:bob",
                "auth0:bob",
            ]]),
        ),
        (
            unlink("native:ann"),
            groups(&[&["auth0:ann", "nestauth:7", "native:bob", "auth0:bob"]]),
        ),
        (
            unlink("auth0:ann"),
            groups(&[&["nestauth:7", "native:bob", "auth0:bob"]]),
        ),
        (
            unlink("auth0:bob"),
            groups(&[&["nestauth:7", "native:bob"]]),
        ),
        // A link of one is none.
        (unlink("native:bob"), groups(&[])),
    ] {
        let then = now.when(command.clone());
        told = told.of(&then.entry.settled.facts);
        assert_eq!(told.sorted(), after, "{command:?}");
        now = then.then_applied();
    }
}

#[test]
fn linking_again_changes_nothing() {
    given([])
        .when(link("auth0:ann", "nestauth:7"))
        .then_applied()
        .when(link("nestauth:7", "auth0:ann"))
        .then_unchanged()
        .when(link("auth0:ann", "auth0:ann"))
        .then_unchanged()
        .when(unlink("auth0:bob"))
        .then_unchanged();
}

#[test]
fn unlinked_and_linked_in_one_batch() {
    let facts = |given: Given, command| {
        let then = given.when(command);
        let kinds: Vec<_> = then.entry.settled.facts.iter().map(Fact::kind).collect();
        let kinds = kinds.join(" ");
        (then.then_applied(), kinds)
    };
    let given = given([])
        .when(link("auth0:ann", "nestauth:7"))
        .then_applied();
    let moved = batch([unlink("auth0:ann"), link("auth0:ann", "nestauth:8")]);
    let (given, kinds) = facts(given, moved);
    assert_eq!(
        kinds,
        "SubjectUnlinked SubjectUnlinked SubjectLinked SubjectLinked"
    );
    given
        .when(unlink("nestauth:7"))
        .then_unchanged()
        .when(link("nestauth:8", "auth0:ann"))
        .then_unchanged();
}

#[test]
fn a_removed_user_stays_linked() {
    let w = auth0();
    given([w.user("ann")])
        .when(link("auth0:ann", "nestauth:7"))
        .then_applied()
        .when(crate::Command::DeleteUser {
            realm: w.0,
            user: "ann".to_owned(),
        })
        .then_applied()
        .when(link("auth0:ann", "nestauth:7"))
        .then_unchanged();
}

#[test]
fn a_person_has_at_most_100_ids() {
    let chain = |from: usize, to: usize| {
        let id = |n: usize| format!("native:{n}");
        batch((from..to).map(|n| link(&id(n), &id(n + 1))))
    };
    let (what, limit) = (Limited::LinkedSubjects, 100);
    given([])
        .when(chain(0, 99))
        .then_applied()
        .when(link("native:99", "native:100"))
        .then_rejected(Rejection::TooMany { what, limit })
        .when(unlink("native:50"))
        .then_applied()
        .when(link("native:99", "native:100"))
        .then_applied();
}
