//! What clients ask for: commands of every kind about few nouns, so that they meet.

use writ_domain::{
    Command, Expected, PermissionRef, PermissionSpec, Realm, RevokeMode, Settings, SubjectRef,
    TenantSeq,
};

use crate::Dice;

/// Which realms' rules a tenant's commands follow.
const REALMS: [Realm; 2] = [Realm::Auth0, Realm::Native];
const GUARDS: [&str; 3] = ["web", "api", "jobs"];

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
        7 => of_links(dice),
        8 | 9 => of_guards(dice, minted),
        10 => of_camunda(dice, minted),
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

fn of_guards(dice: &mut Dice, minted: u64) -> Command {
    let realm = Realm::NestAuth;
    let guard = dice.pick(&GUARDS).copied().unwrap_or("web").to_owned();
    // Ids are minted, so those that are named here are often, not always, there.
    let earlier = minted.saturating_sub(dice.roll(40));
    let (role, permission) = (format!("gr{earlier}"), format!("gp{earlier}"));
    let names = ids(dice, "can ", 6);
    match dice.roll(10) {
        0 => Command::ConfigureNestAuth {
            guards: GUARDS.map(str::to_owned).to_vec(),
        },
        1 | 2 => Command::CreatePermission {
            realm,
            id: format!("gp{minted}"),
            api: guard,
            name: id(dice, "can ", 6),
            description: None,
            category: dice.one_in(2).then(|| id(dice, "kind ", 2)),
        },
        3 => Command::UpdatePermission {
            realm,
            permission,
            name: Some(id(dice, "can ", 6)),
            description: None,
            category: None,
        },
        4 => Command::DeletePermission { realm, permission },
        5 | 6 => Command::CreateGuardedRole {
            realm,
            id: format!("gr{minted}"),
            name: id(dice, "group ", 6),
            guard,
            system: dice.one_in(8),
            active: !dice.one_in(4),
            permissions: names,
        },
        7 => Command::UpdateGuardedRole {
            realm,
            role,
            name: dice.one_in(2).then(|| id(dice, "group ", 6)),
            active: dice.one_in(3).then_some(true),
            permissions: dice.one_in(2).then_some(names),
        },
        8 => Command::DeleteRole { realm, role },
        _ => Command::AssignUserRoles {
            realm,
            user: id(dice, "auth0|", 5),
            roles: vec![role],
        },
    }
}

fn of_camunda(dice: &mut Dice, minted: u64) -> Command {
    let by = None;
    let user = id(dice, "cam", 4);
    let group = id(dice, "team", 3);
    match dice.roll(11) {
        0 => Command::ConfigureCamunda {
            revoke_mode: if dice.one_in(2) {
                RevokeMode::Always
            } else {
                RevokeMode::Auto
            },
        },
        1 | 2 => Command::CreateCamundaUser {
            by,
            id: user,
            profile: Settings::new(),
            password_hash: None,
        },
        3 => Command::DeleteCamundaUser { by, user },
        4 => Command::CreateGroup {
            by,
            id: group,
            name: None,
            kind: None,
        },
        5 if dice.one_in(3) => Command::DeleteGroup { by, group },
        5 | 6 => Command::AddGroupMember { by, group, user },
        7 => Command::RemoveGroupMember { by, group, user },
        8 | 9 => Command::CreateAuthorization {
            by,
            id: format!("auth{minted}"),
            kind: i32::from(dice.one_in(2)) + 1,
            user: dice.one_in(2).then_some(user),
            group: dice.one_in(2).then_some(group),
            resource_type: Some(6),
            resource_id: Some(id(dice, "process", 3)),
            permissions: Some(vec!["READ".to_owned()]),
        },
        _ => Command::DeleteAuthorization {
            by,
            authorization: format!("auth{}", minted.saturating_sub(dice.roll(40))),
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
