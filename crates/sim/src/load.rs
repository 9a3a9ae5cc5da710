//! What clients ask for: commands of every kind about few nouns, so that they meet.

use writ_domain::testing;
use writ_domain::{
    Command, Expected, PermissionRef, PermissionSpec, Realm, Settings, SubjectRef, TenantSeq,
};

use crate::Dice;

/// Which realms' rules a tenant's commands follow.
const REALMS: [Realm; 2] = [Realm::Auth0, Realm::Native];
/// How many there are of each name that the dice of the tests use.
const NAMES: testing::Names = testing::Names {
    users: 5,
    roles: 4,
    apis: 3,
    permissions: 4,
    groups: 3,
    things: 3,
};
/// Roles of the one who has the most: more than anybody may have.
const MANY: u64 = 60;

/// One of few ids; now and then in another case, which is another id.
fn id(dice: &mut Dice, prefix: &str, of: u64) -> String {
    let number = dice.roll(of);
    if dice.one_in(24) {
        format!("{}{number}", prefix.to_uppercase())
    } else {
        format!("{prefix}{number}")
    }
}

fn ids(dice: &mut Dice, prefix: &str, of: u64) -> Vec<String> {
    (0..=dice.roll(3)).map(|_| id(dice, prefix, of)).collect()
}

fn api(dice: &mut Dice) -> String {
    id(dice, "https://api/", 3)
}

fn permissions(dice: &mut Dice) -> Vec<PermissionRef> {
    (0..=dice.roll(3))
        .map(|_| PermissionRef {
            api: api(dice),
            name: id(dice, "p", 5),
        })
        .collect()
}

fn specs(dice: &mut Dice) -> Vec<PermissionSpec> {
    let mut specs = Vec::new();
    for number in 0..5 {
        if dice.roll(3) > 0 {
            specs.push(PermissionSpec {
                name: format!("p{number}"),
                description: dice.one_in(3).then(|| id(dice, "about ", 3)),
            });
        }
    }
    specs
}

/// Anything that somebody may ask for. `minted` is an id that was never given out.
pub fn command(dice: &mut Dice, minted: u64) -> Command {
    match dice.roll(12) {
        0..=6 => of_roles(dice, minted),
        7 if dice.one_in(2) => of_links(dice),
        7 => of_many(dice),
        8 | 9 => testing::Dice(dice.number()).of_nest_auth(NAMES),
        10 => of_camunda(dice),
        _ => {
            let many = 2 + dice.roll(3);
            Command::Batch((0..many).map(|_| of_roles(dice, minted)).collect())
        }
    }
}

#[expect(clippy::too_many_lines, reason = "flat: an arm a kind of command")]
fn of_roles(dice: &mut Dice, minted: u64) -> Command {
    let realm = dice.pick(&REALMS).copied().unwrap_or(Realm::Auth0);
    let role = id(dice, "rol_", 5);
    let user = id(dice, "auth0|", 5);
    match dice.roll(24) {
        0 | 1 => Command::CreateApi {
            realm,
            id: format!("api{minted}"),
            identifier: api(dice),
            name: Some("An API".to_owned()),
            settings: Settings::new(),
            permissions: dice.one_in(2).then(|| specs(dice)),
        },
        2 | 3 => Command::ReplaceApiPermissions {
            realm,
            api: api(dice),
            permissions: specs(dice),
        },
        4 => Command::UpdateApi {
            realm,
            api: api(dice),
            name: Some(id(dice, "name ", 3)),
            settings: Vec::new(),
        },
        5 if dice.one_in(4) => Command::DeleteApi {
            realm,
            api: api(dice),
        },
        5..=7 => Command::CreateRole {
            realm,
            name: role.clone(),
            id: role,
            description: None,
        },
        8 => Command::UpdateRole {
            realm,
            role,
            name: dice.one_in(2).then(|| id(dice, "rol_", 5)),
            description: Some(id(dice, "for ", 2)),
        },
        9 if dice.one_in(3) => Command::DeleteRole { realm, role },
        9..=11 => Command::RegisterUser {
            realm,
            id: user,
            profile: Settings::new(),
        },
        12 if dice.one_in(3) => Command::DeleteUser { realm, user },
        12..=14 => Command::GrantRolePermissions {
            realm,
            role,
            permissions: permissions(dice),
        },
        15 | 16 => Command::RevokeRolePermissions {
            realm,
            role,
            permissions: permissions(dice),
        },
        17 => Command::GrantUserPermissions {
            realm,
            user,
            permissions: permissions(dice),
        },
        18 => Command::RevokeUserPermissions {
            realm,
            user,
            permissions: permissions(dice),
        },
        19 | 20 => Command::AssignUserRoles {
            realm,
            user,
            roles: ids(dice, "rol_", 5),
        },
        21 => Command::AssignRoleUsers {
            realm,
            role,
            users: ids(dice, "auth0|", 5),
        },
        22 => Command::UnassignUserRoles {
            realm,
            user,
            roles: ids(dice, "rol_", 5),
        },
        _ => Command::Batch(vec![
            Command::RevokeRolePermissions {
                realm,
                role: role.clone(),
                permissions: permissions(dice),
            },
            Command::GrantRolePermissions {
                realm,
                role,
                permissions: permissions(dice),
            },
        ]),
    }
}

fn subject(dice: &mut Dice) -> SubjectRef {
    let realms = [Realm::Auth0, Realm::Native, Realm::Camunda, Realm::NestAuth];
    SubjectRef {
        realm: dice.pick(&realms).copied().unwrap_or(Realm::Auth0),
        id: id(dice, "auth0|", 5),
    }
}

fn of_links(dice: &mut Dice) -> Command {
    if dice.one_in(3) {
        return Command::UnlinkSubject {
            subject: subject(dice),
        };
    }
    Command::LinkSubject {
        subject: subject(dice),
        with: subject(dice),
    }
}

fn of_camunda(dice: &mut Dice) -> Command {
    let mut others = testing::Dice(dice.number());
    if dice.one_in(24) {
        return Command::InstallCamundaAdmin {
            user: "u0".to_owned(),
            password_hash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".to_owned(),
        };
    }
    let by = dice.one_in(2).then(|| id(dice, "u", NAMES.users));
    others.of_camunda_by(by, NAMES)
}

/// Much of one thing, so that limits are met.
fn of_many(dice: &mut Dice) -> Command {
    let realm = Realm::Auth0;
    let user = "auth0|many".to_owned();
    let role = |number: u64| format!("many{number}");
    match dice.roll(5) {
        0 => Command::Batch(
            (0..MANY)
                .map(|number| Command::CreateRole {
                    realm,
                    id: role(number),
                    name: role(number),
                    description: None,
                })
                .chain([Command::RegisterUser {
                    realm,
                    id: user,
                    profile: Settings::new(),
                }])
                .collect(),
        ),
        1 => Command::UnassignUserRoles {
            realm,
            user,
            roles: (0..6).map(|_| role(dice.roll(MANY))).collect(),
        },
        _ => Command::AssignUserRoles {
            realm,
            user,
            roles: (0..12).map(|_| role(dice.roll(MANY))).collect(),
        },
    }
}

/// What a caller believes of the noun that it changes, having seen the ledger at this entry.
pub fn expected(dice: &mut Dice, seen: Option<TenantSeq>) -> Option<Expected> {
    let seen = seen.filter(|_| dice.one_in(12))?;
    Some(if dice.one_in(3) {
        Expected::ChangedAt(seen)
    } else {
        Expected::UnchangedSince(seen)
    })
}
