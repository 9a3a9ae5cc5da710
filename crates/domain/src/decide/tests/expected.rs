use crate::testing::{Asked, Given, Words, batch, cancel, each_realm, given, id};
use crate::{Command, Expected, Rejection, TenantSeq};

/// An API changed last by 2, a role by 4, a user by 6.
fn some(w: Words) -> Given {
    given([
        w.bare_api("1", "a"),
        w.declared("a").and(w.defined("a", ("x", None), 0)),
        w.role("r"),
        w.granted("r", "a", "x"),
        w.user("u"),
        w.assigned("u", "r"),
    ])
}

fn unchanged_since(command: Command, seq: u64) -> Asked {
    Asked::new(command).expecting(Expected::UnchangedSince(TenantSeq(seq)))
}

fn changed_at(command: Command, seq: u64) -> Asked {
    Asked::new(command).expecting(Expected::ChangedAt(TenantSeq(seq)))
}

fn stale(changed_at: u64) -> Rejection {
    let changed_at = TenantSeq(changed_at);
    Rejection::Stale { changed_at }
}

#[test]
fn a_belief_of_each_kind_of_noun_is_compared_with_its_last_change() {
    each_realm(|w| {
        for (command, last) in [
            (w.update_api("a", Some("n"), &[]), 2),
            (w.update_api("1", Some("n"), &[]), 2),
            (w.replace("1", &[]), 2),
            (w.delete_api("a"), 2),
            (w.update_role("r", Some("n"), None), 4),
            (w.delete_role("r"), 4),
            (w.revoke("r", &[("a", "x")]), 4),
            (w.update_user("u", &[("f", Some("1"))]), 6),
            (w.delete_user("u"), 6),
            (w.grant_user("u", &[("a", "x")]), 6),
            (w.unassign("u", &["r"]), 6),
        ] {
            let command = || command.clone();
            some(w)
                .when(unchanged_since(command(), last - 1))
                .then_rejected(stale(last))
                .when(changed_at(command(), last - 1))
                .then_rejected(stale(last))
                .when(changed_at(command(), last + 1))
                .then_rejected(stale(last))
                .when(unchanged_since(command(), last + 1))
                .then_applied();
            some(w)
                .when(unchanged_since(command(), last))
                .then_applied();
            some(w).when(changed_at(command(), last)).then_applied();
        }
    });
}

#[test]
fn a_belief_holds_until_the_noun_changes() {
    each_realm(|w| {
        let rename = |name| w.update_role("r", Some(name), None);
        some(w)
            .when(changed_at(rename("one"), 4))
            .then_applied()
            .when(changed_at(rename("two"), 4))
            .then_rejected(stale(7))
            .when(changed_at(rename("one"), 7))
            .then_unchanged()
            .when(changed_at(rename("two"), 7))
            .then_applied();
    });
}

#[test]
fn assigning_a_role_changes_the_user_and_not_the_role() {
    each_realm(|w| {
        some(w)
            .when(changed_at(w.assign_users("r", &["u"]), 6))
            .then_rejected(stale(4))
            .when(changed_at(w.assign_users("r", &["u"]), 4))
            .then_unchanged();
    });
}

#[test]
fn what_never_was_has_not_changed() {
    each_realm(|w| {
        let missing = Rejection::NoSuchRole {
            role: "?".to_owned(),
        };
        let update = || w.update_role("?", None, None);
        some(w)
            .when(unchanged_since(update(), 0))
            .then_rejected(missing.clone())
            .when(changed_at(update(), 0))
            .then_rejected(missing)
            .when(changed_at(update(), 1))
            .then_rejected(stale(0))
            .when(unchanged_since(w.create_api("2", "b"), 0))
            .then_applied()
            .when(unchanged_since(w.create_api("3", "b"), 0))
            .then_rejected(stale(10));
    });
}

#[test]
fn what_ended_changed_when_it_ended() {
    each_realm(|w| {
        some(w)
            .when(w.delete_user("u"))
            .then_applied()
            .when(unchanged_since(w.delete_user("u"), 6))
            .then_rejected(stale(7))
            .when(unchanged_since(w.delete_user("u"), 7))
            .then_unchanged();
    });
}

#[test]
fn a_belief_of_a_batch_is_of_what_its_first_command_is_about() {
    each_realm(|w| {
        let both = || {
            batch([
                w.update_api("1", Some("n"), &[]),
                w.update_role("r", Some("n"), None),
            ])
        };
        some(w)
            .when(changed_at(both(), 4))
            .then_rejected(stale(2))
            .when(changed_at(both(), 2))
            .then_applied()
            .when(changed_at(batch([]), 1))
            .then_unchanged();
    });
}

#[test]
fn a_cancel_is_about_no_noun() {
    each_realm(|w| {
        some(w).when(changed_at(cancel(id(1)), 1)).then_applied();
    });
}
