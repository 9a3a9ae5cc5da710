//! What is known stands, whatever is learned later: it may be newer than what was read.

use chrono::DateTime;

use crate::state::{Draft, KeyUse, Lookup, State, UserRole};
use crate::testing::id;
use crate::{
    Counted, JsonText, Key, NounKind, NounRef, Realm, Role, RoleKey, Settings, TenantSeq, User,
    UserKey,
};

const REALM: Realm = Realm::Native;

fn role(name: &str) -> Role {
    Role {
        realm: REALM,
        id: "r".to_owned(),
        name: name.to_owned(),
        description: None,
        guarded: None,
        saved: None,
    }
}

fn user(field: &str) -> User {
    User {
        realm: REALM,
        id: "u".to_owned(),
        profile: Settings::from([("f".to_owned(), JsonText(field.to_owned()))]),
    }
}

fn role_key(n: u32) -> RoleKey {
    RoleKey::minted(TenantSeq(1), n).unwrap()
}

fn user_key(n: u32) -> UserKey {
    UserKey::minted(TenantSeq(1), n).unwrap()
}

fn knows(state: &State, key: &Key) -> bool {
    state.unknown_of([key]).next().is_none()
}

#[test]
fn a_row_that_is_known_stands() {
    let mut state = State::unknown();
    state.learn_row(user_key(0), user("1"), TenantSeq(1));
    state.learn_row(user_key(0), user("2"), TenantSeq(2));
    let draft = Draft::new(&state, TenantSeq(9));
    let (_, slot) = draft.user(REALM, "u").unwrap().unwrap();
    assert_eq!((&slot.row, slot.changed), (&user("1"), TenantSeq(1)));
}

#[test]
fn a_row_that_is_known_to_be_gone_stays_gone() {
    let mut state = State::unknown();
    state.learn_absent_row::<User>(user_key(0));
    state.learn_absent(Lookup::UserId(REALM, "u".to_owned()));
    state.learn_row(user_key(0), user("1"), TenantSeq(1));
    let draft = Draft::new(&state, TenantSeq(9));
    assert_eq!(draft.user(REALM, "u"), Ok(None));
}

#[test]
fn a_name_that_is_known_stands() {
    let mut state = State::unknown();
    state.learn_row(role_key(0), role("One"), TenantSeq(1));
    state.learn_absent(Lookup::RoleName(REALM, "One".to_owned()));
    state.learn_role_name(REALM, "One".to_owned(), role_key(1));
    state.learn_absent(Lookup::RoleName(REALM, "Two".to_owned()));
    state.learn_role_name(REALM, "Two".to_owned(), role_key(1));
    let draft = Draft::new(&state, TenantSeq(9));
    assert_eq!(draft.role_named(REALM, "One"), Ok(Some(role_key(0))));
    assert_eq!(draft.role_named(REALM, "Two"), Ok(None));
}

#[test]
fn an_edge_that_is_known_stands() {
    let mut state = State::unknown();
    let edges = [(user_key(0), role_key(0)), (user_key(0), role_key(1))];
    state.learn_edge(edges[0], UserRole, Some(TenantSeq(1)));
    state.learn_edge(edges[1], UserRole, None);
    for edge in edges {
        state.learn_edge(edge, UserRole, Some(TenantSeq(2)));
    }
    state.learn_edge(edges[0], UserRole, None);
    let draft = Draft::new(&state, TenantSeq(9));
    let never = || panic!("the edge is known");
    assert_eq!(draft.user_role(edges[0], never), Ok(Some(TenantSeq(1))));
    assert_eq!(draft.user_role(edges[1], never), Ok(None));
}

#[test]
fn what_is_known_of_commands_keys_and_changes_stands() {
    let mut state = State::unknown();
    let noun = NounRef {
        realm: REALM,
        kind: NounKind::User,
        id: "u".to_owned(),
    };
    let used = |entry| KeyUse {
        fingerprint: [1; 32],
        entry: TenantSeq(entry),
        time: DateTime::UNIX_EPOCH,
    };
    for at in [5, 3] {
        state.learn_command(id(1), Some(TenantSeq(at)));
        state.learn_last_changed(noun.clone(), TenantSeq(at));
        state.learn_idempotency_key("ann".to_owned(), "k".to_owned(), Some(used(at)));
    }
    state.learn_idempotency_key("ann".to_owned(), "k".to_owned(), None);
    let draft = Draft::new(&state, TenantSeq(9));
    assert_eq!(
        draft.command(id(1)),
        Ok(crate::state::CommandState::Decided(TenantSeq(5)))
    );
    assert_eq!(draft.last_changed(&noun), Ok(TenantSeq(5)));
    assert_eq!(draft.idempotency_key("ann", "k"), Ok(Some(&used(5))));
}

#[test]
fn a_count_is_learned_anew_and_only_of_a_holder_that_is_known() {
    let mut state = State::unknown();
    let counted = Counted::UserRoles(REALM, "u".to_owned());
    let key = Key::Count(counted.clone());
    state.learn_count(&counted, 1);
    assert!(!knows(&state, &key));
    state.learn_row(user_key(0), user("1"), TenantSeq(1));
    assert!(!knows(&state, &key));
    for count in [2, 1] {
        state.learn_count(&counted, count);
        assert!(knows(&state, &key));
        let draft = Draft::new(&state, TenantSeq(9));
        let what = crate::state::CountKey::UserRoles(user_key(0));
        let exceeds = draft.exceeds(what, 1, || panic!("the count is exact"));
        assert_eq!(exceeds, Ok(count > 1));
    }
}

#[test]
fn nothing_is_known_at_first_and_everything_of_genesis() {
    let realm = REALM;
    let (role, user) = ("r".to_owned(), "u".to_owned());
    for key in [
        Key::api(realm, "a"),
        Key::api_permissions(realm, "a"),
        Key::role(realm, "r"),
        Key::role_named(realm, "R"),
        Key::user(realm, "u"),
        Key::UserRole { realm, user, role },
        Key::Count(Counted::Apis(realm)),
        Key::Command(id(1)),
    ] {
        assert!(!knows(&State::unknown(), &key), "{key:?}");
        assert!(knows(&State::genesis(), &key), "{key:?}");
    }
    assert!(State::unknown().is_empty());
}
