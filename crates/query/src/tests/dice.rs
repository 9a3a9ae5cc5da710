//! Random commands over few names, so that they meet each other.

use writ_domain::{Command, PermissionRef, PermissionSpec, Realm, Settings};

/// How many there are of each name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) users: u64,
    pub(super) roles: u64,
    pub(super) apis: u64,
    pub(super) permissions: u64,
}

/// A small, repeatable source of choices.
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        let sides = u64::try_from(length).unwrap();
        usize::try_from(self.roll(sides)).unwrap()
    }

    pub(super) fn name(&mut self, kind: char, of: u64) -> String {
        format!("{kind}{}", self.roll(of))
    }

    /// A command, or a few of them at once.
    pub(super) fn commands(&mut self, names: Names) -> Command {
        if self.roll(5) > 0 {
            return self.command(names);
        }
        let several = 1 + self.roll(4);
        Command::Batch((0..several).map(|_| self.command(names)).collect())
    }

    fn command(&mut self, names: Names) -> Command {
        let realm = if self.roll(3) == 0 {
            Realm::Native
        } else {
            Realm::Auth0
        };
        match self.roll(24) {
            0..=5 => self.of_apis(realm, names),
            6..=9 => self.of_nouns(realm, names),
            _ => self.of_edges(realm, names),
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

    pub(super) fn of_edges(&mut self, realm: Realm, names: Names) -> Command {
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

    /// Commands that make every noun in every realm.
    pub(super) fn ground(names: Names) -> Vec<Command> {
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
            commands.push(Command::Batch(all));
        }
        commands
    }
}
