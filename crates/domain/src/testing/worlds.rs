//! Random worlds: few names, so that commands meet each other, and every kind of command.

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Asked, Record, Words, batch, id};
use crate::{
    Command, Denial, Expected, JsonText, NounKind, NounRef, PermissionRef, PermissionSpec, Realm,
    RevokeMode, Settings, TenantSeq,
};

/// Ids of APIs and their identifiers: the same, so that one's id may be another's identifier.
const APIS: &[&str] = &["a", "b", "c"];
const PERMISSIONS: &[&str] = &["x", "y", "z"];
/// Ids of roles and their names.
const ROLES: &[&str] = &["r1", "r2", "r3", "r4", "r5", "r6"];
/// The first is whom most is about.
const USERS: &[&str] = &["u", "u", "v"];
const FIELDS: &[&str] = &["f", "g"];

/// Records in the order of the log.
#[derive(Debug, Clone)]
pub(crate) struct World(pub(crate) Vec<Record>);

/// What a world is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    Everything,
    /// APIs and their permissions.
    Apis,
    /// Who has which roles, with a user near the limit of 50.
    RolesOfUsers,
    /// Camunda's users, groups and authorizations, whose rights decide.
    Camunda,
}

/// A world of at most so many random records.
pub(crate) fn world(about: About, records: usize) -> BoxedStrategy<World> {
    let past = match about {
        About::Everything | About::Apis => prop_oneof![
            1 => Just(Vec::new()),
            2 => select(&[Realm::Auth0, Realm::Native][..])
                .prop_map(|realm| populated(Words(realm), 2)),
            2 => Just(super::nestauth::populated()),
        ]
        .boxed(),
        About::RolesOfUsers => (48_usize..=50)
            .prop_map(|roles| populated(Words(Realm::Auth0), roles))
            .boxed(),
        About::Camunda => Just(super::words::camunda::populated()).boxed(),
    };
    let one = match about {
        About::Everything => command(),
        About::Camunda => prop_oneof![8 => camunda(), 1 => users(Realm::Camunda)].boxed(),
        About::Apis => prop_oneof![3 => apis(Realm::Auth0), 1 => holdings(Realm::Auth0)].boxed(),
        About::RolesOfUsers => {
            prop_oneof![1 => roles(Realm::Auth0), 2 => users(Realm::Auth0)].boxed()
        }
    };
    let random = vec((record(one), pause()), 1..=records);
    (past, random)
        .prop_map(|(past, random)| in_order(past, random))
        .boxed()
}

fn in_order(past: Vec<Command>, random: Vec<(Record, TimeDelta)>) -> World {
    let mut time = TimeDelta::zero();
    let mut records: Vec<Record> = past
        .into_iter()
        .map(|command| Asked::new(command).record())
        .collect();
    for (mut record, pause) in random {
        time += pause;
        // Deadlines are random around now.
        if let Some(not_after) = &mut record.submission.stamp.not_after {
            *not_after += time;
        }
        record.time += time;
        records.push(record);
    }
    // Ids that no record shares, but for those that are random.
    for (n, record) in (1_000..).zip(&mut records) {
        if record.submission.stamp.command_id == id(0) {
            record.submission.stamp.command_id = id(n);
        }
    }
    World(records)
}

/// Commands that make APIs, roles and users; the first user has so many roles.
fn populated(w: Words, assigned: usize) -> Vec<Command> {
    let others: Vec<String> = (2..assigned).map(|n| format!("other{n}")).collect();
    let others = others.iter().map(String::as_str);
    let roles: Vec<&str> = others.chain(ROLES.iter().copied()).collect();
    vec![
        w.create_api_with(("a", "a"), &[("x", None), ("y", None)]),
        w.create_api_with(("b", "c"), &[("x", None)]),
        batch(roles.iter().map(|role| w.create_role(role, role))),
        batch(USERS[1..].iter().map(|user| w.register(user, &[]))),
        w.assign("u", &roles[..assigned]),
        w.grant("r1", &[("a", "x"), ("c", "x")]),
        w.grant_user("u", &[("a", "x"), ("a", "y")]),
    ]
}

fn pause() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![
        20 => (0_i64..3).prop_map(TimeDelta::seconds),
        1 => (1_i64..8).prop_map(TimeDelta::days),
    ]
}

/// One of these commands, or a few of them, with a random stamp.
fn record(command: BoxedStrategy<Command>) -> BoxedStrategy<Record> {
    let several = vec(command.clone(), 0..5).prop_map(batch);
    let asked = prop_oneof![4 => command, 1 => several].prop_map(Asked::new);
    // A few ids that are used again, and cancelled before and after.
    let id_of = option::weighted(0.08, (1_u64..6).prop_map(id));
    let key = (
        select(&["k", "l"][..]),
        0_u8..2,
        select(&["ann", "bob"][..]),
    );
    let key = option::weighted(0.08, key);
    let not_after = option::weighted(0.05, (-1_i64..2).prop_map(TimeDelta::seconds));
    let expected = option::weighted(0.08, expected());
    (asked, id_of, key, not_after, expected)
        .prop_map(|(mut asked, command_id, key, not_after, expected)| {
            if let Some(command_id) = command_id {
                asked = asked.id(command_id);
            }
            if let Some((key, fingerprint, caller)) = key {
                asked = asked.key(key, fingerprint).by(caller);
            }
            if let Some(not_after) = not_after {
                asked = asked.not_after(not_after);
            }
            if let Some(expected) = expected {
                asked = asked.expecting(expected);
            }
            asked.record()
        })
        .boxed()
}

fn expected() -> impl Strategy<Value = Expected> {
    let seq = || (0_u64..40).prop_map(TenantSeq);
    prop_oneof![
        seq().prop_map(Expected::UnchangedSince),
        seq().prop_map(Expected::ChangedAt),
    ]
}

/// A random command of any kind but a batch.
fn command() -> BoxedStrategy<Command> {
    prop_oneof![
        6 => words(Realm::Auth0),
        2 => words(Realm::Native),
        2 => camunda(),
        6 => super::nestauth::command(),
        1 => (1_u64..6).prop_map(|n| super::cancel(id(n))),
        1 => denial(),
    ]
    .boxed()
}

fn words(realm: Realm) -> BoxedStrategy<Command> {
    prop_oneof![
        4 => apis(realm),
        3 => roles(realm),
        4 => users(realm),
        4 => holdings(realm),
    ]
    .boxed()
}

fn apis(realm: Realm) -> BoxedStrategy<Command> {
    let create = (name(APIS), name(APIS), settings(), option::of(specs()));
    let create = create.prop_map(move |(id, identifier, settings, permissions)| {
        let settings = settings
            .into_iter()
            .filter_map(|(field, value)| Some((field, value?)));
        Command::CreateApi {
            realm,
            id,
            identifier,
            name: None,
            settings: settings.collect(),
            permissions,
        }
    });
    let update = (name(APIS), option::of(name(FIELDS)), settings());
    let update = update.prop_map(move |(api, name, settings)| Command::UpdateApi {
        realm,
        api,
        name,
        settings,
    });
    let replace = (name(APIS), specs());
    let replace = replace.prop_map(move |(api, permissions)| Command::ReplaceApiPermissions {
        realm,
        api,
        permissions,
    });
    let delete = name(APIS).prop_map(move |api| Command::DeleteApi { realm, api });
    prop_oneof![2 => create, 1 => update, 4 => replace, 1 => delete].boxed()
}

fn roles(realm: Realm) -> BoxedStrategy<Command> {
    let create = (name(ROLES), name(ROLES))
        .prop_map(move |(id, other)| Words(realm).create_role(&id, &other));
    let update = (
        name(ROLES),
        option::of(name(ROLES)),
        option::of(name(FIELDS)),
    );
    let update = update.prop_map(move |(role, name, description)| Command::UpdateRole {
        realm,
        role,
        name,
        description,
    });
    let delete = name(ROLES).prop_map(move |role| Command::DeleteRole { realm, role });
    prop_oneof![3 => create, 2 => update, 2 => delete].boxed()
}

fn users(realm: Realm) -> BoxedStrategy<Command> {
    let register = name(USERS).prop_map(move |user| Words(realm).register(&user, &[("f", "1")]));
    let update = (name(USERS), settings());
    let update = update.prop_map(move |(user, profile)| Command::UpdateUser {
        realm,
        user,
        profile,
    });
    let delete = name(USERS).prop_map(move |user| Command::DeleteUser { realm, user });
    let several = || subsequence(ROLES, 0..4).prop_shuffle().prop_map(owned);
    let assign = (name(USERS), several()).prop_map(move |(user, roles)| Command::AssignUserRoles {
        realm,
        user,
        roles,
    });
    let unassign = (name(USERS), several())
        .prop_map(move |(user, roles)| Command::UnassignUserRoles { realm, user, roles });
    let assign_users = (name(ROLES), vec(name(USERS), 0..3));
    let assign_users =
        assign_users.prop_map(move |(role, users)| Command::AssignRoleUsers { realm, role, users });
    prop_oneof![
        3 => register,
        1 => update,
        1 => delete,
        6 => assign,
        3 => unassign,
        3 => assign_users,
    ]
    .boxed()
}

fn holdings(realm: Realm) -> BoxedStrategy<Command> {
    let of_role = (any::<bool>(), name(ROLES), references());
    let of_role = of_role.prop_map(move |(grant, role, permissions)| {
        if grant {
            Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            }
        } else {
            Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            }
        }
    });
    let of_user = (any::<bool>(), name(USERS), references());
    let of_user = of_user.prop_map(move |(grant, user, permissions)| {
        if grant {
            Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            }
        } else {
            Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            }
        }
    });
    prop_oneof![of_role, of_user].boxed()
}

/// Names of users and groups, and whom nobody knows.
const PEOPLE: &[&str] = &["ann", "bob", "eve"];
const GROUPS: &[&str] = &["g1", "g2", "g3"];
const AUTHORIZATIONS: &[&str] = &["z1", "z2", "z3", "z4"];

fn camunda() -> BoxedStrategy<Command> {
    prop_oneof![
        1 => select(&RevokeMode::ALL[..])
            .prop_map(|revoke_mode| Command::ConfigureCamunda { revoke_mode }),
        3 => people(),
        2 => memberships(),
        6 => authorizations(),
    ]
    .boxed()
}

/// Somebody with random rights, or nobody in particular, who has them all.
fn by() -> BoxedStrategy<Option<String>> {
    option::weighted(0.7, select(PEOPLE).prop_map(str::to_owned)).boxed()
}

fn people() -> BoxedStrategy<Command> {
    let hash = || option::of(select(&["h1", "h2"][..]).prop_map(str::to_owned));
    let create = (by(), name(PEOPLE), hash()).prop_map(|(by, id, password_hash)| {
        Command::CreateCamundaUser {
            by,
            id,
            profile: Settings::new(),
            password_hash,
        }
    });
    let update = (by(), name(PEOPLE), settings())
        .prop_map(|(by, user, profile)| Command::UpdateCamundaUser { by, user, profile });
    let password = (by(), name(PEOPLE), name(&["h1", "h2"]));
    let password = password.prop_map(|(by, user, password_hash)| Command::SetCamundaPassword {
        by,
        user,
        password_hash,
    });
    let delete =
        (by(), name(PEOPLE)).prop_map(|(by, user)| Command::DeleteCamundaUser { by, user });
    prop_oneof![3 => create, 1 => update, 1 => password, 2 => delete].boxed()
}

fn memberships() -> BoxedStrategy<Command> {
    let text = || option::of(select(&["x", "y"][..]).prop_map(str::to_owned));
    let create = (by(), name(GROUPS), text(), text())
        .prop_map(|(by, id, name, kind)| Command::CreateGroup { by, id, name, kind });
    let update = (by(), name(GROUPS), text(), text()).prop_map(|(by, group, name, kind)| {
        Command::UpdateGroup {
            by,
            group,
            name,
            kind,
        }
    });
    let delete = (by(), name(GROUPS)).prop_map(|(by, group)| Command::DeleteGroup { by, group });
    let member = (any::<bool>(), by(), name(GROUPS), name(PEOPLE));
    let member = member.prop_map(|(add, by, group, user)| {
        if add {
            Command::AddGroupMember { by, group, user }
        } else {
            Command::RemoveGroupMember { by, group, user }
        }
    });
    prop_oneof![2 => create, 1 => update, 1 => delete, 5 => member].boxed()
}

fn authorizations() -> BoxedStrategy<Command> {
    let holder = || {
        prop_oneof![
            4 => name(&["ann", "bob", "eve", "*"]).prop_map(|user| (Some(user), None)),
            3 => name(GROUPS).prop_map(|group| (None, Some(group))),
            1 => Just((None, None)),
        ]
    };
    let on = || {
        let number = option::weighted(0.9, 0_i32..6);
        let ids = &["*", "*", "ann", "g1", "z1", "z2"][..];
        (
            number,
            option::weighted(0.95, select(ids).prop_map(str::to_owned)),
        )
    };
    let names = || {
        let names = &["READ", "UPDATE", "CREATE", "DELETE", "ALL", "ACCESS", "odd"];
        let several = subsequence(&names[..], 0..4).prop_map(owned);
        option::weighted(0.9, several)
    };
    let create = (
        by(),
        name(AUTHORIZATIONS),
        0_i32..4,
        holder(),
        on(),
        names(),
    );
    let create = create.prop_map(|(by, id, kind, (user, group), on, permissions)| {
        Command::CreateAuthorization {
            by,
            id,
            kind,
            user,
            group,
            resource_type: on.0,
            resource_id: on.1,
            permissions,
        }
    });
    let update = (by(), name(AUTHORIZATIONS), holder(), on(), names());
    let update = update.prop_map(|(by, authorization, (user, group), on, permissions)| {
        Command::UpdateAuthorization {
            by,
            authorization,
            user,
            group,
            resource_type: on.0,
            resource_id: on.1,
            permissions,
        }
    });
    let delete = (by(), name(AUTHORIZATIONS))
        .prop_map(|(by, authorization)| Command::DeleteAuthorization { by, authorization });
    prop_oneof![5 => create, 3 => update, 2 => delete].boxed()
}

fn denial() -> BoxedStrategy<Command> {
    option::of(name(APIS))
        .prop_map(|target| Command::RecordDenial {
            operation: "UpdateApi".to_owned(),
            target: target.map(|id| NounRef {
                realm: Realm::Auth0,
                kind: NounKind::Api,
                id,
            }),
            denial: Denial::InsufficientScope {
                required: vec!["update:resource_servers".to_owned()],
            },
            count: 1,
        })
        .boxed()
}

/// A name of the pool, seldom one that nothing can have.
fn name(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        98 => select(pool).prop_map(str::to_owned),
        1 => Just("\0".to_owned()),
        1 => Just(String::new()),
    ]
}

fn settings() -> impl Strategy<Value = Vec<(String, Option<JsonText>)>> {
    let value = option::of(select(&["1", "2"][..]).prop_map(|text| JsonText(text.to_owned())));
    vec((select(FIELDS).prop_map(str::to_owned), value), 0..3)
}

fn specs() -> BoxedStrategy<Vec<PermissionSpec>> {
    let names = prop_oneof![
        20 => subsequence(PERMISSIONS, 0..=PERMISSIONS.len()).prop_shuffle(),
        1 => Just(vec!["x", "x"]),
        1 => Just(vec!["openid"]),
    ];
    let described = (names, option::weighted(0.3, select(&["", "d"][..])));
    described
        .prop_map(|(names, description)| {
            let spec = |name: &str| PermissionSpec {
                name: name.to_owned(),
                description: description.map(str::to_owned),
            };
            names.into_iter().map(spec).collect()
        })
        .boxed()
}

fn references() -> BoxedStrategy<Vec<PermissionRef>> {
    let reference = (name(APIS), name(PERMISSIONS));
    vec(
        reference.prop_map(|(api, name)| PermissionRef { api, name }),
        0..4,
    )
    .boxed()
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}
