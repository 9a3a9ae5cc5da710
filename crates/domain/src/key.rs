//! What can be asked of the state, by the names that callers use.

use crate::policy::{self, Permissions};
use crate::{CommandId, Holder, NounRef, PermissionRef, Realm, SubjectRef};

/// Something that must be known of the state before a command can be decided.
#[expect(
    clippy::enum_variant_names,
    reason = "an idempotency key is what callers call it"
)]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The API of this id or identifier.
    Api {
        /// The realm.
        realm: Realm,
        /// Id or identifier.
        handle: String,
    },
    /// Every permission of the API of this id or identifier.
    ApiPermissions {
        /// The realm.
        realm: Realm,
        /// Id or identifier.
        handle: String,
    },
    /// One permission.
    Permission {
        /// The realm.
        realm: Realm,
        /// The permission.
        permission: PermissionRef,
    },
    /// The role of this id.
    Role {
        /// The realm.
        realm: Realm,
        /// Its id.
        role: String,
    },
    /// The role of this name.
    RoleNamed {
        /// The realm.
        realm: Realm,
        /// Its name.
        name: String,
    },
    /// The user of this id.
    User {
        /// The realm.
        realm: Realm,
        /// Its id.
        user: String,
    },
    /// Whether the role holds the permission.
    RolePermission {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The permission.
        permission: PermissionRef,
    },
    /// Whether the user holds the permission directly.
    UserPermission {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The permission.
        permission: PermissionRef,
    },
    /// Whether the user has the role.
    UserRole {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The role's id.
        role: String,
    },
    /// Every API of the realm.
    Apis {
        /// The realm.
        realm: Realm,
    },
    /// The permission of this id, and its API.
    PermissionId {
        /// The realm.
        realm: Realm,
        /// Its id.
        permission: String,
    },
    /// The role of this name in a guard.
    GuardRole {
        /// The realm.
        realm: Realm,
        /// The guard.
        guard: String,
        /// Its name.
        name: String,
    },
    /// Every permission that a role holds, with its API.
    RoleHoldings {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
    },
    /// The admin of this id.
    Admin {
        /// Its id.
        admin: String,
    },
    /// The admin of this e-mail address.
    AdminEmail {
        /// The address.
        email: String,
    },
    /// What a subject is linked with: all of them.
    Linked {
        /// Who.
        subject: SubjectRef,
    },
    /// How many there are, exactly.
    Count(Counted),
    /// When a noun changed last.
    LastChanged(NounRef),
    /// Whether a command was decided or cancelled before.
    Command(CommandId),
    /// Who used an idempotency key last.
    IdempotencyKey {
        /// The caller.
        caller: String,
        /// The key.
        key: String,
    },
    /// How Camunda's rules are to be read.
    CamundaSettings,
    /// The group of this id.
    Group {
        /// The realm.
        realm: Realm,
        /// Its id.
        group: String,
    },
    /// The password of the user of this id.
    UserPassword {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
    },
    /// Every group that the user is a member of.
    UserGroups {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
    },
    /// The authorization of this id.
    Authorization {
        /// Its id.
        authorization: String,
    },
    /// The authorizations of this holder on this resource: one a kind at most.
    AuthorizationsOf {
        /// Whose.
        holder: Holder,
        /// The type of the resource.
        resource_type: i32,
        /// Its id, or `*`.
        resource_id: String,
    },
    /// Every authorization on this resource, whoever holds it.
    AuthorizationsOn {
        /// The type of the resource.
        resource_type: i32,
        /// Its id.
        resource_id: String,
    },
}

/// What can be counted against a limit. Only what is alive counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// The APIs of a realm.
    Apis(Realm),
    /// The roles of a realm.
    Roles(Realm),
    /// The permissions of the role of this id.
    RolePermissions(Realm, String),
    /// The direct permissions of the user of this id.
    UserPermissions(Realm, String),
    /// The roles of the user of this id.
    UserRoles(Realm, String),
    /// The revoking authorizations of a holder.
    Revokes(Holder),
    /// The admins of Nest Auth's console.
    Admins,
}

impl Key {
    pub(crate) fn api(realm: Realm, handle: &str) -> Self {
        let handle = handle.to_owned();
        Self::Api { realm, handle }
    }

    pub(crate) fn api_permissions(realm: Realm, handle: &str) -> Self {
        let handle = handle.to_owned();
        Self::ApiPermissions { realm, handle }
    }

    pub(crate) fn permission(realm: Realm, permission: &PermissionRef) -> Self {
        let permission = permission.clone();
        Self::Permission { realm, permission }
    }

    pub(crate) fn role(realm: Realm, role: &str) -> Self {
        let role = role.to_owned();
        Self::Role { realm, role }
    }

    /// Whether the role holds the permission, in terms that the store knows.
    ///
    /// Where permissions can be given other names, the store may know this one by the name that it
    /// had before the batch. So everything that the role holds is asked for.
    pub(crate) fn role_permission(realm: Realm, role: &str, permission: PermissionRef) -> Self {
        let role = role.to_owned();
        match policy::of(realm).permissions {
            Permissions::Listed => Self::RolePermission {
                realm,
                role,
                permission,
            },
            Permissions::Identified => Self::RoleHoldings { realm, role },
        }
    }

    pub(crate) fn permission_id(realm: Realm, permission: &str) -> Self {
        let permission = permission.to_owned();
        Self::PermissionId { realm, permission }
    }

    pub(crate) fn guard_role(realm: Realm, guard: &str, name: &str) -> Self {
        let (guard, name) = (guard.to_owned(), name.to_owned());
        Self::GuardRole { realm, guard, name }
    }

    pub(crate) fn role_holdings(realm: Realm, role: &str) -> Self {
        let role = role.to_owned();
        Self::RoleHoldings { realm, role }
    }

    pub(crate) fn admin(admin: &str) -> Self {
        let admin = admin.to_owned();
        Self::Admin { admin }
    }

    pub(crate) fn admin_email(email: &str) -> Self {
        let email = email.to_owned();
        Self::AdminEmail { email }
    }

    pub(crate) fn linked(subject: &SubjectRef) -> Self {
        let subject = subject.clone();
        Self::Linked { subject }
    }

    pub(crate) fn role_named(realm: Realm, name: &str) -> Self {
        let name = name.to_owned();
        Self::RoleNamed { realm, name }
    }

    pub(crate) fn user(realm: Realm, user: &str) -> Self {
        let user = user.to_owned();
        Self::User { realm, user }
    }

    pub(crate) fn group(realm: Realm, group: &str) -> Self {
        let group = group.to_owned();
        Self::Group { realm, group }
    }

    pub(crate) fn user_password(realm: Realm, user: &str) -> Self {
        let user = user.to_owned();
        Self::UserPassword { realm, user }
    }

    pub(crate) fn user_groups(realm: Realm, user: &str) -> Self {
        let user = user.to_owned();
        Self::UserGroups { realm, user }
    }

    pub(crate) fn authorization(authorization: &str) -> Self {
        let authorization = authorization.to_owned();
        Self::Authorization { authorization }
    }

    pub(crate) fn authorizations_of(
        holder: &Holder,
        resource_type: i32,
        resource_id: &str,
    ) -> Self {
        Self::AuthorizationsOf {
            holder: holder.clone(),
            resource_type,
            resource_id: resource_id.to_owned(),
        }
    }

    pub(crate) fn authorizations_on(resource_type: i32, resource_id: &str) -> Self {
        let resource_id = resource_id.to_owned();
        Self::AuthorizationsOn {
            resource_type,
            resource_id,
        }
    }

    pub(crate) fn user_role(realm: Realm, user: &str, role: &str) -> Self {
        let (user, role) = (user.to_owned(), role.to_owned());
        Self::UserRole { realm, user, role }
    }
}
