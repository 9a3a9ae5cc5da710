//! A repeatable history in which every command, every outcome and every kind of row occurs.

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::{
    Actor, Command, CommandId, Denial, Expected, GenericUuid as _, Idempotency, JsonText, NounKind,
    NounRef, PermissionRef, PermissionSpec, Realm, Settings, Stamp, Submission, TenantId,
    TenantSeq,
};
use writ_log::Record;

pub(super) const TENANTS: [&str; 5] = ["alpha", "beta", "gamma", "delta", "epsilon"];

/// A small, repeatable source of choices.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
    ids: Vec<CommandId>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: seed,
            ids: Vec::new(),
        }
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % sides
    }

    pub(super) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    /// A record of any kind; one in thirty cannot be read.
    pub(super) fn record(&mut self, now: DateTime<Utc>) -> (TenantId, Record) {
        let submission = self.submission(now);
        let tenant = submission.stamp.tenant.clone();
        let mut record = Record {
            key: writ_envelope::encode_key(&tenant),
            value: writ_envelope::encode(&submission),
            headers: vec![("traceparent".to_owned(), b"00-1".to_vec())],
        };
        if self.one_in(30) {
            record.value.truncate(20);
        }
        if self.one_in(60) {
            record.key.push(b'x');
        }
        (tenant, record)
    }

    pub(super) fn submission(&mut self, now: DateTime<Utc>) -> Submission {
        let command_id = self.command_id();
        let tenant = TENANTS[usize::try_from(self.roll(5)).unwrap()];
        let idempotency = self.one_in(5).then(|| Idempotency {
            key: format!("k{}", self.roll(60)),
            fingerprint: [u8::try_from(self.roll(2)).unwrap(); 32],
        });
        let not_after = self.one_in(25).then(|| now - TimeDelta::seconds(60));
        let expected = self
            .one_in(20)
            .then(|| Expected::UnchangedSince(TenantSeq(self.roll(400))));
        Submission {
            stamp: Stamp {
                command_id,
                tenant: TenantId::try_new(tenant).unwrap(),
                actor: Actor {
                    subject: format!("tester{}", self.roll(3)),
                    ..Actor::default()
                },
                reason: self.one_in(3).then(|| "because".to_owned()),
                ticket: None,
                request_id: None,
                not_after,
                idempotency,
                expected,
            },
            command: self.command(),
        }
    }

    /// A new id, or seldom one that was used.
    fn command_id(&mut self) -> CommandId {
        if !self.ids.is_empty() && self.one_in(40) {
            let known = self.roll(self.ids.len() as u64);
            return self.ids[usize::try_from(known).unwrap()];
        }
        let bits = (u128::from(self.roll(u64::from(u32::MAX))) << 64) | u128::from(self.state);
        let id = CommandId::from_untyped_uuid(uuid::Uuid::from_u128(bits));
        self.ids.push(id);
        id
    }

    fn command(&mut self) -> Command {
        match self.roll(12) {
            0 => Command::CancelCommand {
                command: self.command_id(),
            },
            1 => Command::RecordDenial {
                operation: "UpdateApi".to_owned(),
                target: Some(NounRef {
                    realm: Realm::Auth0,
                    kind: NounKind::Api,
                    id: "https://api/1".to_owned(),
                }),
                denial: Denial::InsufficientScope {
                    required: vec!["update:resource_servers".to_owned()],
                },
                count: 1,
            },
            2 => Command::Batch((0..3).map(|_| self.plain()).collect()),
            _ => self.plain(),
        }
    }

    fn plain(&mut self) -> Command {
        let realm = if self.one_in(3) {
            Realm::Native
        } else {
            Realm::Auth0
        };
        match self.roll(12) {
            0..=2 => self.about_apis(realm),
            3..=5 => self.about_roles(realm),
            6..=8 => self.about_users(realm),
            9 => self.about_camunda(),
            10 => self.about_nestauth(),
            _ => self.about_subjects(),
        }
    }

    fn about_apis(&mut self, realm: Realm) -> Command {
        let api = format!("https://api/{}", self.roll(4));
        match self.roll(8) {
            0 | 1 => Command::CreateApi {
                realm,
                id: format!("id{}", self.roll(4)),
                identifier: api,
                name: Some("An API".to_owned()),
                settings: self.settings(),
                permissions: None,
            },
            2 => Command::UpdateApi {
                realm,
                api,
                name: Some(format!("API {}", self.roll(5))),
                settings: self
                    .settings()
                    .into_iter()
                    .map(|(k, v)| (k, Some(v)))
                    .collect(),
            },
            3 if self.one_in(2) => Command::DeleteApi { realm, api },
            _ => Command::ReplaceApiPermissions {
                realm,
                api,
                permissions: self.specs(),
            },
        }
    }

    fn about_roles(&mut self, realm: Realm) -> Command {
        let role = format!("rol_{}", self.roll(6));
        match self.roll(8) {
            0 | 1 => Command::CreateRole {
                realm,
                name: format!("Rölle {}", self.roll(20)),
                id: role,
                description: self.one_in(2).then(|| "what it is for".to_owned()),
            },
            2 => Command::UpdateRole {
                realm,
                role,
                name: Some(format!("role {}", self.roll(20))),
                description: None,
            },
            3 if self.one_in(2) => Command::DeleteRole { realm, role },
            4 => Command::RevokeRolePermissions {
                realm,
                role,
                permissions: self.permissions(),
            },
            5 => Command::AssignRoleUsers {
                realm,
                role,
                users: vec![self.user()],
            },
            _ => Command::GrantRolePermissions {
                realm,
                role,
                permissions: self.permissions(),
            },
        }
    }

    fn about_users(&mut self, realm: Realm) -> Command {
        let user = self.user();
        let roles = vec![format!("rol_{}", self.roll(6))];
        match self.roll(9) {
            0 | 1 => Command::RegisterUser {
                realm,
                id: user,
                profile: self.settings(),
            },
            2 => Command::UpdateUser {
                realm,
                user,
                profile: self
                    .settings()
                    .into_iter()
                    .map(|(k, v)| (k, Some(v)))
                    .collect(),
            },
            3 if self.one_in(2) => Command::DeleteUser { realm, user },
            4 => Command::GrantUserPermissions {
                realm,
                user,
                permissions: self.permissions(),
            },
            5 => Command::RevokeUserPermissions {
                realm,
                user,
                permissions: self.permissions(),
            },
            6 => Command::UnassignUserRoles { realm, user, roles },
            _ => Command::AssignUserRoles { realm, user, roles },
        }
    }

    pub(super) fn user(&mut self) -> String {
        format!("auth0|{}", self.roll(6))
    }

    pub(super) fn settings(&mut self) -> Settings {
        (0..self.roll(3))
            .map(|n| {
                (
                    format!("f{n}"),
                    JsonText(format!("[{}, 1.50]", self.roll(9))),
                )
            })
            .collect()
    }

    fn specs(&mut self) -> Vec<PermissionSpec> {
        (0..5)
            .filter(|_| self.roll(4) > 0)
            .map(|n| PermissionSpec {
                name: format!("p{n}"),
                description: (n % 2 == 0).then(String::new),
            })
            .collect()
    }

    fn permissions(&mut self) -> Vec<PermissionRef> {
        (0..=self.roll(2))
            .map(|_| PermissionRef {
                api: format!("https://api/{}", self.roll(4)),
                name: format!("p{}", self.roll(5)),
            })
            .collect()
    }
}
