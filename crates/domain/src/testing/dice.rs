//! Random commands over few names, so that they meet each other.

use crate::{Command, PermissionRef, PermissionSpec, Realm, RevokeMode, Settings, SubjectRef};

/// How many there are of each name.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Users.
    pub users: u64,
    /// Roles.
    pub roles: u64,
    /// APIs, and guards.
    pub apis: u64,
    /// Permissions of each.
    pub permissions: u64,
    /// Groups.
    pub groups: u64,
    /// Resources of Camunda's, of each type.
    pub things: u64,
}

/// A small, repeatable source of choices.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// An index into something of this length.
    pub fn index(&mut self, length: usize) -> usize {
        let sides = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.roll(sides)).unwrap_or(0)
    }

    #[expect(clippy::indexing_slicing, reason = "the index is below the length")]
    fn one<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        of[self.index(N)]
    }

    /// A name of this kind, one of so many.
    pub fn name(&mut self, kind: char, of: u64) -> String {
        format!("{kind}{}", self.roll(of))
    }

    /// A command, or a few of them at once.
    pub fn commands(&mut self, names: Names) -> Command {
        if self.roll(5) > 0 {
            return self.command(names);
        }
        let several = 1 + self.roll(4);
        Command::Batch((0..several).map(|_| self.command(names)).collect())
    }

    fn command(&mut self, names: Names) -> Command {
        match self.roll(16) {
            0 | 1 => self.of_links(names),
            2..=6 => self.of_camunda(names),
            7..=9 => self.of_nest_auth(names),
            10 | 11 => self.of_lists(Realm::Native, names),
            _ => self.of_lists(Realm::Auth0, names),
        }
    }

    fn of_lists(&mut self, realm: Realm, names: Names) -> Command {
        match self.roll(24) {
            0..=5 => self.of_apis(realm, names),
            6..=9 => self.of_nouns(realm, names),
            _ => self.of_edges(realm, names),
        }
    }

    /// One that links or unlinks a subject.
    pub fn of_links(&mut self, names: Names) -> Command {
        let subject = self.subject(names);
        match self.roll(3) {
            0 => Command::UnlinkSubject { subject },
            _ => Command::LinkSubject {
                subject,
                with: self.subject(names),
            },
        }
    }

    fn subject(&mut self, names: Names) -> SubjectRef {
        SubjectRef {
            realm: self.one(Realm::ALL),
            id: self.name('u', names.users),
        }
    }

    /// One of Camunda's, by the rights of its credential.
    pub fn of_camunda(&mut self, names: Names) -> Command {
        self.of_camunda_by(None, names)
    }

    /// One of Camunda's, by the rights of this user.
    pub fn of_camunda_by(&mut self, by: Option<String>, names: Names) -> Command {
        let (user, group) = (self.name('u', names.users), self.name('g', names.groups));
        match self.roll(24) {
            0 | 1 => create_camunda_user(user),
            2 => Command::DeleteCamundaUser { by, user },
            3 | 4 => create_group(group),
            5 => Command::DeleteGroup { by, group },
            6..=8 => Command::AddGroupMember { by, group, user },
            9 => Command::RemoveGroupMember { by, group, user },
            10 => Command::ConfigureCamunda {
                revoke_mode: self.one(RevokeMode::ALL),
            },
            11..=17 => self.create_authorization(by, names),
            18..=21 => self.update_authorization(by, names),
            _ => Command::DeleteAuthorization {
                by,
                authorization: self.name('z', names.authorizations()),
            },
        }
    }

    fn create_authorization(&mut self, by: Option<String>, names: Names) -> Command {
        let kind = self.one([0, 1, 1, 1, 2, 2]);
        let (user, group) = match kind {
            0 => (Some("*".to_owned()), None),
            _ => self.holder(names),
        };
        Command::CreateAuthorization {
            by,
            id: self.name('z', names.authorizations()),
            kind,
            user,
            group,
            resource_type: Some(self.one([1, 6])),
            resource_id: self.thing(names),
            permissions: Some(self.bits()),
        }
    }

    /// Of a global one, this is refused where it does not say that everybody holds it.
    fn update_authorization(&mut self, by: Option<String>, names: Names) -> Command {
        let (user, group) = match self.roll(4) {
            0 => (Some("*".to_owned()), None),
            _ => self.holder(names),
        };
        Command::UpdateAuthorization {
            by,
            authorization: self.name('z', names.authorizations()),
            user,
            group,
            resource_type: (self.roll(2) == 0).then_some(self.one([1, 6])),
            resource_id: self.thing(names),
            permissions: (self.roll(3) > 0).then(|| self.bits()),
        }
    }

    fn holder(&mut self, names: Names) -> (Option<String>, Option<String>) {
        match self.roll(9) {
            0..=3 => (Some(self.name('u', names.users)), None),
            4 => (Some("*".to_owned()), None),
            _ => (None, Some(self.name('g', names.groups))),
        }
    }

    fn thing(&mut self, names: Names) -> Option<String> {
        match self.roll(12) {
            0 => None,
            1..=4 => Some("*".to_owned()),
            _ => Some(self.name('x', names.things)),
        }
    }

    fn bits(&mut self) -> Vec<String> {
        if self.roll(5) == 0 {
            return vec!["ALL".to_owned()];
        }
        let each = ["READ", "UPDATE", "DELETE"].into_iter();
        each.filter(|_| self.roll(2) == 0)
            .map(str::to_owned)
            .collect()
    }

    /// One of Nest Auth's.
    pub fn of_nest_auth(&mut self, names: Names) -> Command {
        let realm = Realm::NestAuth;
        let (user, role) = (self.name('u', names.users), self.name('r', names.roles));
        let (api, name) = (
            self.name('a', names.apis),
            self.name('p', names.permissions),
        );
        let permission = self.name('n', names.apis * names.permissions);
        match self.roll(20) {
            0 => configure_nest_auth(names),
            1..=4 => create_permission(permission, api, name),
            5 | 6 => Command::UpdatePermission {
                realm,
                permission,
                name: (self.roll(4) > 0).then_some(name),
                description: (self.roll(2) == 0).then(|| self.name('d', 3)),
                category: None,
            },
            7 => Command::DeletePermission { realm, permission },
            8 | 9 => create_guarded_role(role, api, Vec::new()),
            10..=13 => Command::UpdateGuardedRole {
                realm,
                role,
                name: None,
                active: (self.roll(4) == 0).then(|| self.roll(2) == 0),
                permissions: Some(
                    self.specs(names)
                        .into_iter()
                        .map(|spec| spec.name)
                        .collect(),
                ),
            },
            14 => Command::DeleteRole { realm, role },
            15 => Command::DeleteUser { realm, user },
            16..=18 => Command::AssignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            _ => Command::UnassignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
        }
    }

    fn of_apis(&mut self, realm: Realm, names: Names) -> Command {
        // Ids and identifiers are told apart by their first letter.
        let (identifier, id) = (self.name('a', names.apis), self.name('i', names.apis));
        match self.roll(8) {
            0..=2 => Command::CreateApi {
                realm,
                id,
                identifier,
                name: None,
                settings: Settings::new(),
                permissions: Some(self.specs(names)),
            },
            3..=6 => Command::ReplaceApiPermissions {
                realm,
                api: identifier,
                permissions: self.specs(names),
            },
            _ => Command::DeleteApi {
                realm,
                api: identifier,
            },
        }
    }

    fn of_nouns(&mut self, realm: Realm, names: Names) -> Command {
        let (user, role) = (self.name('u', names.users), self.name('r', names.roles));
        match self.roll(10) {
            0..=3 => Command::RegisterUser {
                realm,
                id: user,
                profile: Settings::new(),
            },
            4..=7 => Command::CreateRole {
                realm,
                name: role.clone(),
                id: role,
                description: None,
            },
            8 => Command::DeleteUser { realm, user },
            _ => Command::DeleteRole { realm, role },
        }
    }

    /// One that gives or takes.
    pub fn of_edges(&mut self, realm: Realm, names: Names) -> Command {
        let (user, role) = (self.name('u', names.users), self.name('r', names.roles));
        let permissions = vec![PermissionRef {
            api: self.name('a', names.apis),
            name: self.name('p', names.permissions),
        }];
        match self.roll(9) {
            0 | 1 => Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            },
            2 => Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            },
            3 | 4 => Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            },
            5 => Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            },
            6 | 7 => Command::AssignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            _ => Command::UnassignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
        }
    }

    fn specs(&mut self, names: Names) -> Vec<PermissionSpec> {
        (0..names.permissions)
            .filter(|_| self.roll(4) > 0)
            .map(|n| PermissionSpec {
                name: format!("p{n}"),
                description: None,
            })
            .collect::<Vec<_>>()
    }

    /// Commands that make every noun in every realm. They make one batch.
    #[must_use]
    pub fn ground(names: Names) -> Vec<Command> {
        let each = |kind: char, of: u64| (0..of).map(move |n| format!("{kind}{n}"));
        let mut commands = Vec::new();
        for realm in [Realm::Auth0, Realm::Native] {
            let mut all = Vec::new();
            for (identifier, id) in each('a', names.apis).zip(each('i', names.apis)) {
                let spec = |name| PermissionSpec {
                    name,
                    description: None,
                };
                all.push(Command::CreateApi {
                    realm,
                    id,
                    identifier,
                    name: None,
                    settings: Settings::new(),
                    permissions: Some(each('p', names.permissions).map(spec).collect()),
                });
            }
            for id in each('r', names.roles) {
                all.push(Command::CreateRole {
                    realm,
                    name: id.clone(),
                    id,
                    description: None,
                });
            }
            for id in each('u', names.users) {
                all.push(Command::RegisterUser {
                    realm,
                    id,
                    profile: Settings::new(),
                });
            }
            commands.append(&mut all);
        }
        let (users, groups) = (each('u', names.users), each('g', names.groups));
        commands.extend(users.map(create_camunda_user));
        commands.extend(groups.map(create_group));
        commands.push(configure_nest_auth(names));
        for (at, api) in (0..).zip(each('a', names.apis)) {
            for (n, name) in (0..).zip(each('p', names.permissions)) {
                let id = format!("n{}", at * names.permissions + n);
                commands.push(create_permission(id, api.clone(), name));
            }
        }
        for (at, role) in (0..).zip(each('r', names.roles)) {
            let api = format!("a{}", at % names.apis);
            let permissions = each('p', names.permissions).collect();
            commands.push(create_guarded_role(role, api, permissions));
        }
        commands.extend(edges(names));
        commands
    }
}

/// Commands that give somebody something of every kind.
fn edges(names: Names) -> Vec<Command> {
    let mut commands = Vec::new();
    for n in 0..names.users {
        let user = format!("u{n}");
        let roles = vec![format!("r{}", n % names.roles)];
        for realm in [Realm::Auth0, Realm::Native, Realm::NestAuth] {
            let (user, roles) = (user.clone(), roles.clone());
            commands.push(Command::AssignUserRoles { realm, user, roles });
        }
        commands.push(Command::AddGroupMember {
            by: None,
            group: format!("g{}", n % names.groups),
            user,
        });
    }
    for n in 0..names.roles {
        for realm in [Realm::Auth0, Realm::Native] {
            commands.push(Command::GrantRolePermissions {
                realm,
                role: format!("r{n}"),
                permissions: vec![PermissionRef {
                    api: format!("a{}", n % names.apis),
                    name: format!("p{}", n % names.permissions),
                }],
            });
        }
    }
    for n in 0..names.groups {
        commands.push(Command::CreateAuthorization {
            by: None,
            id: format!("z{n}"),
            kind: 1,
            user: None,
            group: Some(format!("g{n}")),
            resource_type: Some(if n % 2 == 0 { 6 } else { 1 }),
            resource_id: Some(format!("x{}", n % names.things)),
            permissions: Some(vec!["READ".to_owned(), "UPDATE".to_owned()]),
        });
    }
    commands
}

impl Names {
    /// How many ids of authorizations there are.
    #[must_use]
    pub fn authorizations(self) -> u64 {
        4 + self.users * self.things
    }
}

fn create_camunda_user(id: String) -> Command {
    Command::CreateCamundaUser {
        by: None,
        id,
        profile: Settings::new(),
        password_hash: None,
    }
}

fn create_group(id: String) -> Command {
    Command::CreateGroup {
        by: None,
        id,
        name: None,
        kind: None,
    }
}

fn configure_nest_auth(names: Names) -> Command {
    let guards = (0..names.apis).map(|n| format!("a{n}")).collect();
    Command::ConfigureNestAuth { guards }
}

fn create_permission(id: String, api: String, name: String) -> Command {
    Command::CreatePermission {
        realm: Realm::NestAuth,
        id,
        api,
        name,
        description: None,
        category: None,
    }
}

fn create_guarded_role(id: String, guard: String, permissions: Vec<String>) -> Command {
    Command::CreateGuardedRole {
        realm: Realm::NestAuth,
        name: id.clone(),
        id,
        guard,
        system: false,
        active: true,
        permissions,
    }
}
