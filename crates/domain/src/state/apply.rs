//! Folding facts into rows.

use super::{
    Cancelled, CountKey, Draft, GroupMember, Kind, Password, RolePermission, UserPermission,
    UserRole,
};
use crate::{
    Admin, Authorization, AuthorizationKind, CamundaSettings, Fact, Group, Guarded, Holder,
    JsonText, LinkedSubject, Namespace, Permission, PermissionKey, Role, RoleName, Settings, User,
};

/// A fact that does not fit the state it is applied to: corruption, never a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fact} contradicts the state: {problem}")]
pub struct Contradiction {
    /// The fact's kind.
    pub fact: &'static str,
    /// What does not fit.
    pub problem: String,
}

impl Draft<'_> {
    /// Applies one fact. No wildcard: a new fact must break the build here.
    pub(super) fn apply(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::ApiCreated { .. }
            | Fact::ApiRenamed { .. }
            | Fact::ApiSettingChanged { .. }
            | Fact::ApiPermissionsDeclared { .. }
            | Fact::ApiPermissionsReordered { .. }
            | Fact::ApiDeleted { .. } => self.apply_api(fact),
            Fact::PermissionDefined { .. }
            | Fact::PermissionRenamed { .. }
            | Fact::PermissionCategorized { .. }
            | Fact::PermissionDescribed { .. }
            | Fact::PermissionRemoved { .. } => self.apply_permission(fact),
            Fact::RoleCreated { .. }
            | Fact::RoleRenamed { .. }
            | Fact::RoleDescribed { .. }
            | Fact::RoleActivated { .. }
            | Fact::RoleDeactivated { .. }
            | Fact::RoleSaved { .. }
            | Fact::RoleDeleted { .. } => self.apply_role(fact),
            Fact::UserRegistered { .. }
            | Fact::UserProfileChanged { .. }
            | Fact::UserDeleted { .. } => self.apply_user(fact),
            Fact::RolePermissionGranted { .. }
            | Fact::RolePermissionRevoked { .. }
            | Fact::UserPermissionGranted { .. }
            | Fact::UserPermissionRevoked { .. }
            | Fact::UserRoleAssigned { .. }
            | Fact::UserRoleUnassigned { .. } => self.apply_edge(fact),
            Fact::AdminCreated { .. }
            | Fact::AdminPasswordChanged { .. }
            | Fact::AdminSessionsEnded { .. }
            | Fact::AdminDeleted { .. } => self.apply_admin(fact),
            Fact::SubjectLinked { key, link, subject } => {
                let (link, subject) = (*link, subject.clone());
                self.insert(fact, *key, LinkedSubject { link, subject })
            }
            Fact::SubjectUnlinked { key, .. } => self.remove::<LinkedSubject>(fact, *key),
            Fact::CommandCancelled { command } => {
                self.insert::<Cancelled>(fact, *command, Cancelled)
            }
            Fact::CamundaConfigured { .. }
            | Fact::UserPasswordSet { .. }
            | Fact::AuthorizationCreated { .. }
            | Fact::AuthorizationChanged { .. }
            | Fact::AuthorizationDeleted { .. } => self.apply_camunda(fact),
            Fact::GroupCreated { .. }
            | Fact::GroupRenamed { .. }
            | Fact::GroupKindChanged { .. }
            | Fact::GroupDeleted { .. }
            | Fact::GroupMemberAdded { .. }
            | Fact::GroupMemberRemoved { .. } => self.apply_group(fact),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_api(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::ApiCreated {
                key,
                realm,
                id,
                identifier,
                name,
                settings,
            } => {
                self.tally(CountKey::Apis(*realm), 1);
                let row = Namespace {
                    realm: *realm,
                    id: id.clone(),
                    identifier: identifier.clone(),
                    name: name.clone(),
                    settings: settings.clone(),
                    system: false,
                    declared: false,
                };
                self.insert(fact, *key, row)
            }
            Fact::ApiRenamed { api, after, .. } => {
                self.update::<Namespace>(fact, api.key, |row| row.name.clone_from(after))
            }
            Fact::ApiSettingChanged {
                api,
                setting,
                after,
                ..
            } => self.update::<Namespace>(fact, api.key, |row| {
                set(&mut row.settings, setting, after.as_ref());
            }),
            Fact::ApiPermissionsDeclared { api } => {
                self.update::<Namespace>(fact, api.key, |row| row.declared = true)
            }
            Fact::ApiPermissionsReordered { after, .. } => self.reorder(fact, after),
            Fact::ApiDeleted { api, .. } => {
                self.tally(CountKey::Apis(api.realm), -1);
                self.note_ending();
                self.remove::<Namespace>(fact, api.key)
            }
            other => Err(misdirected(other)),
        }
    }

    fn reorder(&mut self, fact: &Fact, keys: &[PermissionKey]) -> Result<(), Contradiction> {
        for (ordinal, key) in (0_u32..).zip(keys) {
            self.update::<Permission>(fact, *key, |row| row.ordinal = ordinal)?;
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_permission(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::PermissionDefined {
                permission,
                namespace,
                description,
                ordinal,
                category,
            } => {
                let row = Permission {
                    namespace: *namespace,
                    name: permission.name.clone(),
                    description: description.clone(),
                    ordinal: *ordinal,
                    id: permission.id.clone(),
                    category: category.clone(),
                };
                self.insert(fact, permission.key, row)
            }
            Fact::PermissionDescribed {
                permission, after, ..
            } => self.update::<Permission>(fact, permission.key, |row| {
                row.description.clone_from(after);
            }),
            Fact::PermissionRenamed { permission, after } => {
                self.update::<Permission>(fact, permission.key, |row| row.name.clone_from(after))
            }
            Fact::PermissionCategorized {
                permission, after, ..
            } => self.update::<Permission>(fact, permission.key, |row| {
                row.category.clone_from(after);
            }),
            Fact::PermissionRemoved { permission, .. } => {
                self.note_ending();
                self.remove::<Permission>(fact, permission.key)
            }
            other => Err(misdirected(other)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_role(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::RoleCreated {
                key,
                realm,
                id,
                name,
                description,
                guarded,
            } => {
                self.tally(CountKey::Roles(*realm), 1);
                let row = Role {
                    realm: *realm,
                    id: id.clone(),
                    name: name.clone(),
                    description: description.clone(),
                    guarded: guarded.clone(),
                    saved: None,
                };
                self.insert(fact, *key, row)
            }
            Fact::RoleActivated { role } => self.activate(fact, role, true),
            Fact::RoleDeactivated { role } => self.activate(fact, role, false),
            Fact::RoleSaved { role } => {
                let at = self.at();
                self.update::<Role>(fact, role.key, |row| row.saved = Some(at))
            }
            Fact::RoleRenamed { role, after, .. } => {
                self.update::<Role>(fact, role.key, |row| row.name.clone_from(after))
            }
            Fact::RoleDescribed { role, after, .. } => {
                self.update::<Role>(fact, role.key, |row| row.description.clone_from(after))
            }
            Fact::RoleDeleted { role, .. } => {
                self.tally(CountKey::Roles(role.realm), -1);
                self.note_ending();
                self.remove::<Role>(fact, role.key)
            }
            other => Err(misdirected(other)),
        }
    }

    fn activate(
        &mut self,
        fact: &Fact,
        role: &RoleName,
        active: bool,
    ) -> Result<(), Contradiction> {
        let guarded = self
            .present::<Role>(role.key)
            .and_then(|slot| slot.row.guarded.clone());
        match guarded {
            Some(guarded) if guarded.active != active => {
                let guarded = Some(Guarded { active, ..guarded });
                self.update::<Role>(fact, role.key, |row| row.guarded = guarded)
            }
            Some(_) => Err(contradiction(fact, "it is so already".to_owned())),
            None => Err(contradiction(fact, "it has no guard".to_owned())),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_admin(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::AdminCreated {
                key,
                id,
                email,
                name,
                password,
                metadata,
            } => {
                self.tally(CountKey::Admins, 1);
                let row = Admin {
                    id: id.clone(),
                    email: email.clone(),
                    name: name.clone(),
                    password: password.clone(),
                    token_version: 0,
                    metadata: metadata.clone(),
                };
                self.insert(fact, *key, row)
            }
            Fact::AdminPasswordChanged {
                admin,
                password,
                token_version,
            } => self.update::<Admin>(fact, admin.key, |row| {
                row.password.clone_from(password);
                row.token_version = *token_version;
            }),
            Fact::AdminSessionsEnded {
                admin,
                token_version,
            } => self.update::<Admin>(fact, admin.key, |row| row.token_version = *token_version),
            Fact::AdminDeleted { admin, .. } => {
                self.tally(CountKey::Admins, -1);
                self.remove::<Admin>(fact, admin.key)
            }
            other => Err(misdirected(other)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_user(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::UserRegistered {
                key,
                realm,
                id,
                profile,
            } => {
                let row = User {
                    realm: *realm,
                    id: id.clone(),
                    profile: profile.clone(),
                };
                self.insert(fact, *key, row)
            }
            Fact::UserProfileChanged {
                user, field, after, ..
            } => self.update::<User>(fact, user.key, |row| {
                set(&mut row.profile, field, after.as_ref());
            }),
            Fact::UserDeleted { user, .. } => {
                self.note_ending();
                self.remove::<User>(fact, user.key)
            }
            other => Err(misdirected(other)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_edge(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::RolePermissionGranted { role, permission } => {
                self.tally(CountKey::RolePermissions(role.key), 1);
                self.insert(fact, (role.key, permission.key), RolePermission)
            }
            Fact::RolePermissionRevoked {
                role, permission, ..
            } => {
                self.tally(CountKey::RolePermissions(role.key), -1);
                self.remove::<RolePermission>(fact, (role.key, permission.key))
            }
            Fact::UserPermissionGranted { user, permission } => {
                self.tally(CountKey::UserPermissions(user.key), 1);
                self.insert(fact, (user.key, permission.key), UserPermission)
            }
            Fact::UserPermissionRevoked {
                user, permission, ..
            } => {
                self.tally(CountKey::UserPermissions(user.key), -1);
                self.remove::<UserPermission>(fact, (user.key, permission.key))
            }
            Fact::UserRoleAssigned { user, role } => {
                self.tally(CountKey::UserRoles(user.key), 1);
                self.insert(fact, (user.key, role.key), UserRole)
            }
            Fact::UserRoleUnassigned { user, role, .. } => {
                self.tally(CountKey::UserRoles(user.key), -1);
                self.remove::<UserRole>(fact, (user.key, role.key))
            }
            other => Err(misdirected(other)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_group(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::GroupCreated {
                key,
                realm,
                id,
                name,
                kind,
            } => {
                let row = Group {
                    realm: *realm,
                    id: id.clone(),
                    name: name.clone(),
                    kind: kind.clone(),
                };
                self.insert(fact, *key, row)
            }
            Fact::GroupRenamed { group, after, .. } => {
                self.update::<Group>(fact, group.key, |row| row.name.clone_from(after))
            }
            Fact::GroupKindChanged { group, after, .. } => {
                self.update::<Group>(fact, group.key, |row| row.kind.clone_from(after))
            }
            Fact::GroupDeleted { group, .. } => self.remove::<Group>(fact, group.key),
            Fact::GroupMemberAdded { group, user } => {
                self.insert(fact, (user.key, group.key), GroupMember)
            }
            Fact::GroupMemberRemoved { group, user, .. } => {
                self.remove::<GroupMember>(fact, (user.key, group.key))
            }
            other => Err(misdirected(other)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply, above, names every fact"
    )]
    fn apply_camunda(&mut self, fact: &Fact) -> Result<(), Contradiction> {
        match fact {
            Fact::CamundaConfigured { after, .. } => {
                let revoke_mode = *after;
                self.put((), Some(CamundaSettings { revoke_mode }));
                Ok(())
            }
            Fact::UserPasswordSet { user, hash, .. } => {
                let hash = hash.clone();
                self.put(user.key, Some(Password { hash }));
                Ok(())
            }
            Fact::AuthorizationCreated { key, authorization } => {
                self.count_revoke(authorization.kind, &authorization.terms.holder, 1);
                self.insert(fact, *key, authorization.clone())
            }
            Fact::AuthorizationChanged {
                authorization,
                kind,
                before,
                after,
            } => {
                self.count_revoke(*kind, &before.holder, -1);
                self.count_revoke(*kind, &after.holder, 1);
                self.update::<Authorization>(fact, authorization.key, |row| {
                    row.terms = after.clone();
                })
            }
            Fact::AuthorizationDeleted {
                authorization,
                kind,
                terms,
            } => {
                self.count_revoke(*kind, &terms.holder, -1);
                self.remove::<Authorization>(fact, authorization.key)
            }
            other => Err(misdirected(other)),
        }
    }

    fn count_revoke(&mut self, kind: AuthorizationKind, holder: &Holder, by: i64) {
        if kind == AuthorizationKind::Revoke {
            self.tally_revoke(holder, by);
        }
    }

    fn insert<K: Kind>(&mut self, fact: &Fact, key: K::Key, row: K) -> Result<(), Contradiction> {
        if self.present::<K>(key).is_some() {
            return Err(contradiction(fact, format!("{key:?} is there already")));
        }
        self.put(key, Some(row));
        Ok(())
    }

    fn update<K: Kind>(
        &mut self,
        fact: &Fact,
        key: K::Key,
        change: impl FnOnce(&mut K),
    ) -> Result<(), Contradiction> {
        let Some(slot) = self.present::<K>(key) else {
            return Err(contradiction(fact, format!("{key:?} is not there")));
        };
        let mut row = slot.row.clone();
        change(&mut row);
        self.put(key, Some(row));
        Ok(())
    }

    fn remove<K: Kind>(&mut self, fact: &Fact, key: K::Key) -> Result<(), Contradiction> {
        if self.present::<K>(key).is_none() {
            return Err(contradiction(fact, format!("{key:?} is not there")));
        }
        self.put::<K>(key, None);
        Ok(())
    }
}

fn set(settings: &mut Settings, name: &str, value: Option<&JsonText>) {
    match value {
        Some(value) => settings.insert(name.to_owned(), value.clone()),
        None => settings.remove(name),
    };
}

fn contradiction(fact: &Fact, problem: String) -> Contradiction {
    Contradiction {
        fact: fact.kind(),
        problem,
    }
}

fn misdirected(fact: &Fact) -> Contradiction {
    contradiction(fact, "it was applied as another kind of fact".to_owned())
}
