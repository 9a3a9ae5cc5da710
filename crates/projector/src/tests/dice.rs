//! Random commands, the same ones from the same seed.

use writ_domain::{
    Actor, Command, CommandId, GenericUuid as _, Idempotency, PermissionRef, PermissionSpec, Realm,
    Settings, Stamp, Submission, TenantId,
};

/// A small, repeatable source of choices.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    #[expect(clippy::too_many_lines, reason = "flat: an arm a kind of command")]
    pub(super) fn command(&mut self) -> Command {
        let realm = if self.roll(2) == 0 {
            Realm::Auth0
        } else {
            Realm::Native
        };
        let role = format!("rol_{}", self.roll(4));
        let user = format!("auth0|{}", self.roll(4));
        let api = format!("https://api/{}", self.roll(3));
        let permissions: Vec<PermissionRef> = (0..=self.roll(2))
            .map(|_| PermissionRef {
                api: format!("https://api/{}", self.roll(3)),
                name: format!("p{}", self.roll(4)),
            })
            .collect();
        match self.roll(16) {
            0 => Command::CreateApi {
                realm,
                id: format!("id{}", self.roll(3)),
                identifier: api,
                name: Some("An API".to_owned()),
                settings: Settings::new(),
                permissions: None,
            },
            1..=3 => Command::ReplaceApiPermissions {
                realm,
                api,
                permissions: (0..4)
                    .filter(|_| self.roll(3) > 0)
                    .map(|n| PermissionSpec {
                        name: format!("p{n}"),
                        description: None,
                    })
                    .collect::<Vec<_>>(),
            },
            4 if self.roll(4) == 0 => Command::DeleteApi { realm, api },
            4 | 5 => Command::CreateRole {
                realm,
                name: role.clone(),
                id: role,
                description: None,
            },
            6 if self.roll(3) == 0 => Command::DeleteRole { realm, role },
            6 | 7 => Command::RegisterUser {
                realm,
                id: user,
                profile: Settings::new(),
            },
            8 if self.roll(3) == 0 => Command::DeleteUser { realm, user },
            8..=9 => Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            },
            10 => Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            },
            11 => Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            },
            12 => Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            },
            13 => Command::AssignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            14 => Command::UnassignUserRoles {
                realm,
                user,
                roles: vec![role],
            },
            _ => Command::Batch(vec![
                Command::RevokeRolePermissions {
                    realm,
                    role: role.clone(),
                    permissions: permissions.clone(),
                },
                Command::GrantRolePermissions {
                    realm,
                    role,
                    permissions,
                },
            ]),
        }
    }

    pub(super) fn submission(&mut self) -> Submission {
        let id = (u128::from(self.roll(u64::from(u32::MAX))) << 64) | u128::from(self.0);
        let idempotency = (self.roll(5) == 0).then(|| Idempotency {
            key: format!("k{}", self.roll(50)),
            fingerprint: [u8::try_from(self.roll(2)).unwrap(); 32],
        });
        Submission {
            stamp: Stamp {
                command_id: CommandId::from_untyped_uuid(uuid(id)),
                tenant: TenantId::try_new(["alpha", "gamma"][usize::from(self.roll(3) == 0)])
                    .unwrap(),
                actor: Actor {
                    subject: "tester".to_owned(),
                    ..Actor::default()
                },
                reason: None,
                ticket: None,
                request_id: None,
                not_after: None,
                idempotency,
                expected: None,
            },
            command: self.command(),
        }
    }
}

fn uuid(bits: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(bits)
}
