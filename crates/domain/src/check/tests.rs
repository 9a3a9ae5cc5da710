//! The decision table of Camunda's evaluation, in its three modes, and a second transcription.

use core::convert::Infallible;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::AuthorizationKind::{Global, Grant, Revoke};
use crate::policy::camunda::{ALL, stored_bits};

const READ: u32 = 2;
const UPDATE: u32 = 4;

/// A row: kind, holder, type, id, bits.
type Row = (AuthorizationKind, Holder, i32, Option<&'static str>, u32);

struct Rows(Vec<Row>);

impl Authorizations for Rows {
    type Error = Infallible;

    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Infallible> {
        let row = self.0.iter().find(|row| {
            row.0 == kind
                && row.1 == *holder
                && row.2 == resource_type
                && row.3 == Some(resource_id)
        });
        Ok(row.map(|row| row.4))
    }

    fn has_revoke(&self, holder: &Holder) -> Result<bool, Infallible> {
        Ok(self.0.iter().any(|row| row.0 == Revoke && row.1 == *holder))
    }
}

fn answer(rows: &[Row], mode: RevokeMode, question: &Question<'_>) -> bool {
    match check(&Rows(rows.to_vec()), mode, question) {
        Ok(verdict) => verdict.allowed,
        Err(never) => match never {},
    }
}

fn grant(user: &str, id: &'static str, named: u32) -> Row {
    (Grant, Holder::user(user), 1, Some(id), named)
}

fn revoke(user: &str, id: &'static str, named: u32) -> Row {
    let bits = stored_bits(Revoke, [named]);
    (Revoke, Holder::user(user), 1, Some(id), bits)
}

fn of_group((kind, _, number, id, bits): Row, group: &str) -> Row {
    (kind, Holder::group(group), number, id, bits)
}

fn global(id: &'static str, named: u32) -> Row {
    (Global, Holder::user("*"), 1, Some(id), named)
}

/// Asks as user `u` of groups `g1` and `g2`; the answers in the modes auto, never and always.
#[track_caller]
fn case(name: &str, rows: &[Row], permission: u32, id: Option<&str>, expected: &str) {
    let groups = ["g1".to_owned(), "g2".to_owned()];
    let question = Question {
        user: "u",
        groups: &groups,
        permission,
        resource_type: 1,
        resource_id: id,
    };
    let answers: String = [RevokeMode::Auto, RevokeMode::Never, RevokeMode::Always]
        .map(|mode| {
            if answer(rows, mode, &question) {
                'Y'
            } else {
                'n'
            }
        })
        .iter()
        .collect();
    assert_eq!(answers, expected, "{name}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a row of the table each")]
fn the_decision_table_holds_in_every_mode() {
    let (u, x) = ("u", Some("x"));
    let g = of_group;
    let all_but_read = [global("*", ALL), revoke(u, "*", READ)];
    let elsewhere: Row = (Revoke, Holder::user(u), 7, Some("*"), ALL & !READ);
    let null: Row = (Grant, Holder::user(u), 1, None, READ);
    let globals = [global("*", READ), global("x", 0)];
    case("E01", &[], READ, None, "nnn");
    case("E02", &[grant(u, "*", READ)], READ, x, "YYY");
    case("E03", &[grant(u, "x", READ)], READ, None, "nnn");
    case("E04", &[grant(u, "x", READ)], READ, Some("y"), "nnn");
    case("E05", &all_but_read, READ, None, "nYn");
    case("E06", &all_but_read, UPDATE, None, "YYY");
    case("E07", &all_but_read, ALL, None, "nYn");
    let same = [grant(u, "*", READ), revoke(u, "*", READ)];
    case("E08", &same, READ, x, "YYY");
    case(
        "E09",
        &[grant(u, "*", READ), revoke(u, "x", READ)],
        READ,
        x,
        "nYn",
    );
    case(
        "E10",
        &[grant(u, "x", READ), revoke(u, "*", READ)],
        READ,
        x,
        "YYY",
    );
    let two = [g(grant(u, "*", READ), "g1"), g(revoke(u, "*", READ), "g2")];
    case("E11", &two, READ, x, "YYY");
    let one = [g(grant(u, "*", READ), "g1"), g(revoke(u, "x", READ), "g1")];
    case("E12", &one, READ, x, "nYn");
    case(
        "E13",
        &[grant(u, "*", READ), g(revoke(u, "x", READ), "g1")],
        READ,
        x,
        "YYY",
    );
    case(
        "E14",
        &[revoke(u, "*", READ), g(grant(u, "x", READ), "g1")],
        READ,
        x,
        "nYn",
    );
    let group_minus = g(revoke(u, "*", READ), "g1");
    case(
        "E15",
        &[global("*", READ), group_minus.clone()],
        READ,
        x,
        "nYn",
    );
    let and_user = [global("*", READ), group_minus, grant(u, "*", READ)];
    case("E16", &and_user, READ, x, "YYY");
    case("E17", &globals, READ, x, "YYn");
    let surprise = [globals[0].clone(), globals[1].clone(), elsewhere];
    case("E18", &surprise, READ, x, "nYn");
    case("E19", &[grant("*", "*", READ)], READ, x, "nnn");
    case(
        "E20",
        &[global("*", READ), revoke("*", "*", READ)],
        READ,
        x,
        "YYY",
    );
    let switched = [
        globals[0].clone(),
        globals[1].clone(),
        revoke("*", "zzz", READ),
    ];
    case("E21", &switched, READ, x, "nYn");
    case("E22", &[grant(u, "*", 0)], 0, None, "YYY");
    case("E23", &[revoke(u, "*", READ)], 0, None, "nnn");
    case("E24", &[grant(u, "*", READ | UPDATE)], ALL, x, "nnn");
    case("E25", &[null], READ, None, "nnn");
    let other_bit = [g(grant(u, "*", READ), "g1"), revoke(u, "*", UPDATE)];
    case("E26", &other_bit, READ, x, "YYY");
    let stranger = [global("*", READ), g(revoke(u, "*", READ), "g3")];
    case("E27", &stranger, READ, x, "YYY");
}

#[test]
fn bits_of_two_rows_do_not_combine() {
    let rows = [
        grant("u", "*", READ),
        of_group(grant("u", "*", UPDATE), "g1"),
    ];
    case("two rows", &rows, READ | UPDATE, None, "nnn");
}

#[test]
fn the_row_that_decided_is_named() {
    let rows = Rows(vec![global("*", READ), revoke("u", "x", READ)]);
    let question = Question {
        user: "u",
        groups: &[],
        permission: READ,
        resource_type: 1,
        resource_id: Some("x"),
    };
    let Ok(verdict) = check(&rows, RevokeMode::Auto, &question);
    let row = DecidingRow {
        kind: Revoke,
        holder: Holder::user("u"),
        resource_id: "x".to_owned(),
    };
    assert_eq!(
        verdict,
        Verdict {
            allowed: false,
            revokes: true,
            row: Some(row)
        }
    );
}

/// The engine's SQL, branch by branch, as a second transcription.
fn by_branches(rows: &[Row], revokes: bool, question: &Question<'_>) -> bool {
    let groups = question.groups;
    let user = |row: &Row| row.1 == Holder::user(question.user);
    let group = |row: &Row| {
        row.1
            .group_id()
            .is_some_and(|id| groups.iter().any(|g| g == id))
    };
    let everybody = |row: &Row| row.1 == Holder::user("*");
    let p = question.permission;
    let exists = |kind, is: &dyn Fn(&Row) -> bool, id: &str, has: bool| {
        rows.iter().any(|row| {
            row.0 == kind
                && is(row)
                && row.2 == question.resource_type
                && row.3 == Some(id)
                && (row.4 & p == p) == has
        })
    };
    let specific = question.resource_id.filter(|id| *id != "*");
    if let Some(id) = specific
        && exists(Grant, &user, id, true)
    {
        return true;
    }
    if let Some(id) = specific
        && revokes
        && exists(Revoke, &user, id, false)
    {
        return false;
    }
    if exists(Grant, &user, "*", true) {
        return true;
    }
    if revokes && exists(Revoke, &user, "*", false) {
        return false;
    }
    if let Some(id) = specific
        && exists(Grant, &group, id, true)
    {
        return true;
    }
    if let Some(id) = specific
        && revokes
        && exists(Revoke, &group, id, false)
    {
        return false;
    }
    if exists(Grant, &group, "*", true) {
        return true;
    }
    if revokes && exists(Revoke, &group, "*", false) {
        return false;
    }
    if let Some(id) = specific
        && exists(Global, &everybody, id, true)
    {
        return true;
    }
    if let Some(id) = specific
        && revokes
        && exists(Global, &everybody, id, false)
    {
        return false;
    }
    exists(Global, &everybody, "*", true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_transcriptions_of_the_rules_agree(
        rows in proptest::collection::vec((
            select(&AuthorizationKind::ALL[..]),
            select(&["u", "v", "*", "g1", "g2", "g3"][..]),
            1..3_i32,
            select(&[Some("x"), Some("y"), Some("*"), None][..]),
            select(&[0, READ, UPDATE, READ | UPDATE, ALL, ALL & !READ][..]),
        ), 0..8),
        permission in select(&[0, READ, UPDATE, ALL][..]),
        id in select(&[None, Some("x"), Some("*")][..]),
        mode in select(&RevokeMode::ALL[..]),
    ) {
        let mut distinct: Vec<Row> = Vec::new();
        for (kind, holder, number, id, bits) in rows {
            let holder = match (kind, holder) {
                (Global, _) => Holder::user("*"),
                (_, group) if group.starts_with('g') => Holder::group(group),
                (_, user) => Holder::user(user),
            };
            if !distinct.iter().any(|row| (row.0, &row.1, row.2, row.3) == (kind, &holder, number, id)) {
                distinct.push((kind, holder, number, id, bits));
            }
        }
        let groups = ["g1".to_owned(), "g2".to_owned()];
        let question = Question { user: "u", groups: &groups, permission, resource_type: 1, resource_id: id };
        let rows = Rows(distinct.clone());
        let Ok(revokes) = revokes_count(&rows, mode, &question);
        prop_assert_eq!(answer(&distinct, mode, &question), by_branches(&distinct, revokes, &question));
    }
}
