//! What happened to who holds what, and the names of nouns as facts say them.

use super::{Happened, Words};
use crate::state::Draft;
use crate::{ApiName, Fact, Key, PermissionName, PermissionRef, RoleName, UserName};

impl Words {
    pub(crate) fn granted(self, role: &str, api: &str, name: &str) -> Happened {
        let (role, api, name) = (role.to_owned(), api.to_owned(), name.to_owned());
        Happened::fact(move |draft| Fact::RolePermissionGranted {
            role: self.role_name(draft, &role),
            permission: self.permission_name(draft, &api, &name),
        })
    }

    pub(crate) fn revoked(self, role: &str, api: &str, name: &str) -> Happened {
        let (role, api, name) = (role.to_owned(), api.to_owned(), name.to_owned());
        Happened::fact(move |draft| {
            let role = self.role_name(draft, &role);
            let permission = self.permission_name(draft, &api, &name);
            let held = draft.role_permission((role.key, permission.key), never);
            Fact::RolePermissionRevoked {
                role,
                permission,
                granted_at: held.unwrap().unwrap(),
            }
        })
    }

    pub(crate) fn user_granted(self, user: &str, api: &str, name: &str) -> Happened {
        let (user, api, name) = (user.to_owned(), api.to_owned(), name.to_owned());
        Happened::fact(move |draft| Fact::UserPermissionGranted {
            user: self.user_name(draft, &user),
            permission: self.permission_name(draft, &api, &name),
        })
    }

    pub(crate) fn user_revoked(self, user: &str, api: &str, name: &str) -> Happened {
        let (user, api, name) = (user.to_owned(), api.to_owned(), name.to_owned());
        Happened::fact(move |draft| {
            let user = self.user_name(draft, &user);
            let permission = self.permission_name(draft, &api, &name);
            let held = draft.user_permission((user.key, permission.key), never);
            Fact::UserPermissionRevoked {
                user,
                permission,
                granted_at: held.unwrap().unwrap(),
            }
        })
    }

    pub(crate) fn assigned(self, user: &str, role: &str) -> Happened {
        let (user, role) = (user.to_owned(), role.to_owned());
        Happened::fact(move |draft| Fact::UserRoleAssigned {
            user: self.user_name(draft, &user),
            role: self.role_name(draft, &role),
        })
    }

    pub(crate) fn unassigned(self, user: &str, role: &str) -> Happened {
        let (user, role) = (user.to_owned(), role.to_owned());
        Happened::fact(move |draft| {
            let user = self.user_name(draft, &user);
            let role = self.role_name(draft, &role);
            let had = draft.user_role((user.key, role.key), never);
            Fact::UserRoleUnassigned {
                user,
                role,
                assigned_at: had.unwrap().unwrap(),
            }
        })
    }

    pub(super) fn api_name(self, draft: &Draft<'_>, api: &str) -> ApiName {
        let (key, slot) = draft.api(self.0, api).unwrap().unwrap();
        ApiName {
            key,
            realm: self.0,
            identifier: slot.row.identifier.clone(),
        }
    }

    pub(super) fn permission_name(
        self,
        draft: &Draft<'_>,
        api: &str,
        name: &str,
    ) -> PermissionName {
        let ApiName {
            key, identifier, ..
        } = self.api_name(draft, api);
        let wanted = PermissionRef {
            api: identifier.clone(),
            name: name.to_owned(),
        };
        let (key, _) = draft.permission(self.0, key, &wanted).unwrap().unwrap();
        PermissionName {
            key,
            realm: self.0,
            api: identifier,
            name: name.to_owned(),
            id: None,
        }
    }

    pub(super) fn role_name(self, draft: &Draft<'_>, role: &str) -> RoleName {
        let (key, _) = draft.role(self.0, role).unwrap().unwrap();
        RoleName {
            key,
            realm: self.0,
            id: role.to_owned(),
        }
    }

    pub(super) fn user_name(self, draft: &Draft<'_>, user: &str) -> UserName {
        let (key, _) = draft.user(self.0, user).unwrap().unwrap();
        UserName {
            key,
            realm: self.0,
            id: user.to_owned(),
        }
    }
}

/// A complete state never asks.
fn never() -> Key {
    panic!("the state that words are told to is complete")
}
