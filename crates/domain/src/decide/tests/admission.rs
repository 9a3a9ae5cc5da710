use chrono::TimeDelta;

use crate::testing::{Asked, auth0, batch, cancel, cancelled, given, id};
use crate::{Command, Denial, Rejection, TenantSeq};

fn make(role: &str) -> Asked {
    Asked::new(auth0().create_role(role, role))
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn reused(of: u64) -> Rejection {
    let of = TenantSeq(of);
    Rejection::IdempotencyKeyReused { of }
}

fn was_cancelled(by: u64) -> Rejection {
    let by = TenantSeq(by);
    Rejection::Cancelled { by }
}

fn decided(command: u64, at: u64) -> Rejection {
    Rejection::AlreadyDecided {
        command: id(command),
        at: TenantSeq(at),
    }
}

#[test]
fn a_command_is_decided_once() {
    given([])
        .when(make("r").id(id(1)))
        .then_applied()
        .when(make("r").id(id(1)))
        .then_duplicate_of(1)
        .when(make("s").id(id(1)))
        .then_duplicate_of(1)
        .when(make("s").id(id(2)))
        .then_applied();
}

#[test]
fn what_was_not_applied_was_decided_too() {
    let w = auth0();
    given([])
        .when(Asked::new(w.delete_role("r")).id(id(1)))
        .then_rejected(Rejection::NoSuchRole {
            role: "r".to_owned(),
        })
        .when(Asked::new(w.delete_api("a")).id(id(2)))
        .then_unchanged()
        .when(make("r").id(id(3)).after(days(1)).not_after(days(0)))
        .then_expired()
        .when(make("r").id(id(1)).after(days(1)))
        .then_duplicate_of(1)
        .when(make("r").id(id(2)).after(days(1)))
        .then_duplicate_of(2)
        .when(make("r").id(id(3)).after(days(1)))
        .then_duplicate_of(3);
}

#[test]
fn the_same_wish_under_another_id_is_unchanged() {
    let w = auth0();
    let wish = || w.update_role("r", Some("Reader"), None);
    given([w.role("r")])
        .when(Asked::new(wish()).id(id(1)))
        .then_applied()
        .when(Asked::new(wish()).id(id(2)))
        .then_unchanged();
}

#[test]
fn a_key_names_one_request_of_one_caller() {
    given([])
        .when(make("r").key("k", 1))
        .then_applied()
        .when(make("r").key("k", 1))
        .then_duplicate_of(1)
        .when(make("s").key("k", 2))
        .then_rejected(reused(1))
        .when(make("s").key("k", 2).by("bob"))
        .then_applied()
        .when(make("t").key("l", 1))
        .then_applied()
        .when(make("s").key("k", 1).by("bob"))
        .then_rejected(reused(4));
}

#[test]
fn a_repetition_does_not_take_the_key() {
    given([])
        .when(make("r").key("k", 1))
        .then_applied()
        .when(make("r").key("k", 1).after(days(6)))
        .then_duplicate_of(1)
        .when(make("s").key("k", 2).after(days(7)))
        .then_rejected(reused(1))
        .when(make("s").key("k", 2).after(days(8)))
        .then_applied();
}

#[test]
fn a_repetition_was_decided_under_its_own_id() {
    given([])
        .when(make("r").id(id(1)).key("k", 1))
        .then_applied()
        .when(make("r").id(id(2)).key("k", 1))
        .then_duplicate_of(1)
        .when(make("s").id(id(2)))
        .then_duplicate_of(2);
}

#[test]
fn a_key_lives_for_seven_days() {
    let second = TimeDelta::seconds(1);
    given([])
        .when(make("r").key("k", 1))
        .then_applied()
        .when(make("r").key("k", 1).after(days(7)))
        .then_duplicate_of(1)
        .when(make("s").key("k", 2).after(days(7) + second))
        .then_applied()
        .when(make("s").key("k", 2).after(days(14) + second))
        .then_duplicate_of(3)
        .when(make("r").key("k", 1).after(days(14) + second))
        .then_rejected(reused(3));
}

#[test]
fn whatever_was_decided_holds_its_key() {
    let w = auth0();
    let ask = |command: Command, key: &str| Asked::new(command).key(key, 1);
    let denial = Denial::InsufficientScope { required: vec![] };
    let denied = Command::RecordDenial {
        operation: "UpdateRole".to_owned(),
        target: None,
        denial: denial.clone(),
        count: 1,
    };
    let missing = Rejection::NoSuchRole {
        role: "r".to_owned(),
    };
    given([])
        .when(ask(w.delete_role("r"), "rejected"))
        .then_rejected(missing)
        .when(ask(w.delete_api("a"), "unchanged"))
        .then_unchanged()
        .when(ask(denied, "denied"))
        .then_denied(denial)
        .when(make("r").key("rejected", 1))
        .then_duplicate_of(1)
        .when(make("r").key("unchanged", 1))
        .then_duplicate_of(2)
        .when(make("r").key("denied", 1))
        .then_duplicate_of(3);
}

#[test]
fn past_its_deadline_a_command_has_no_effect_and_its_key_is_free() {
    given([])
        .when(make("r").key("k", 1).after(days(2)).not_after(days(1)))
        .then_expired()
        .when(make("r").key("k", 2).after(days(2)).not_after(days(2)))
        .then_applied();
}

#[test]
fn what_expired_leaves_the_key_to_whom_it_belongs() {
    given([])
        .when(make("r").key("k", 1))
        .then_applied()
        .when(make("s").key("k", 2).after(days(2)).not_after(days(1)))
        .then_expired()
        .when(make("r").key("k", 1).after(days(2)))
        .then_duplicate_of(1);
}

#[test]
fn a_command_that_was_decided_is_a_duplicate_however_late() {
    given([])
        .when(make("r").id(id(1)))
        .then_applied()
        .when(make("r").id(id(1)).after(days(2)).not_after(days(1)))
        .then_duplicate_of(1);
}

#[test]
fn a_command_that_was_cancelled_first_has_no_effect_and_its_key_is_free() {
    given([])
        .when(cancel(id(1)))
        .then([cancelled(id(1))])
        .when(make("r").id(id(1)).key("k", 1))
        .then_rejected(was_cancelled(1))
        .when(make("r").id(id(1)).key("k", 1))
        .then_duplicate_of(2)
        .when(make("r").id(id(2)).key("k", 2))
        .then_applied();
}

#[test]
fn a_cancelled_command_may_expire_as_well() {
    given([cancelled(id(1))])
        .when(make("r").id(id(1)).after(days(2)).not_after(days(1)))
        .then_expired();
}

#[test]
fn cancelling_twice_changes_nothing() {
    given([cancelled(id(1))])
        .when(cancel(id(1)))
        .then_unchanged();
}

#[test]
fn what_was_decided_cannot_be_cancelled() {
    let w = auth0();
    given([])
        .when(make("r").id(id(1)))
        .then_applied()
        .when(make("r").id(id(2)).after(days(1)).not_after(days(0)))
        .then_expired()
        .when(Asked::new(batch([w.delete_api("a")])).id(id(3)))
        .then_unchanged()
        .when(cancel(id(1)))
        .then_rejected(decided(1, 1))
        .when(cancel(id(2)))
        .then_rejected(decided(2, 2))
        .when(cancel(id(3)))
        .then_rejected(decided(3, 3));
}

#[test]
fn a_cancelled_command_was_decided_once_it_came() {
    given([cancelled(id(1))])
        .when(make("r").id(id(1)))
        .then_rejected(was_cancelled(1))
        .when(cancel(id(1)))
        .then_rejected(decided(1, 2));
}

#[test]
fn a_cancel_can_be_cancelled() {
    given([])
        .when(cancel(id(2)))
        .then([cancelled(id(2))])
        .when(Asked::new(cancel(id(1))).id(id(2)))
        .then_rejected(was_cancelled(1))
        .when(make("r").id(id(1)))
        .then_applied();
}
