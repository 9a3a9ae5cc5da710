//! The rules of each realm, as data. Matched nowhere else.

mod auth0;
pub mod camunda;
mod native;
mod nestauth;

use crate::{Limited, Realm};

/// A realm's rules where realms differ.
#[derive(Debug)]
pub(crate) struct Policy {
    /// How many of each there may be.
    limits: Limits,
    /// What removing an API that is not there comes to.
    pub(crate) delete_missing_api: Absent,
    /// What removing a role that is not there comes to.
    pub(crate) delete_missing_role: Absent,
    /// What removing a user that is not there comes to.
    pub(crate) delete_missing_user: Absent,
    /// What taking a role that does not exist from a user comes to.
    pub(crate) unassign_missing_role: Absent,
    /// Names that no permission may have.
    pub(crate) reserved_permissions: &'static [&'static str],
    /// Who makes the namespaces.
    pub(crate) namespaces: Namespaces,
    /// How permissions come to be.
    pub(crate) permissions: Permissions,
    /// What a role is.
    pub(crate) roles: Roles,
    /// Who is a user.
    pub(crate) users: Users,
}

/// Who makes the namespaces of a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespaces {
    /// Callers make, change and remove them.
    Made,
    /// They are configured as a whole, and none ends.
    Configured,
}

/// How permissions of a realm come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permissions {
    /// As a list of their namespace, by name.
    Listed,
    /// Each by itself, with an id.
    Identified,
}

/// What a role of a realm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roles {
    /// It may hold any permission, and its name is its own in the realm.
    Plain,
    /// It holds permissions of its guard, and its name is its own there.
    Guarded,
}

/// Who is a user of a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Users {
    /// Who was registered. They may hold permissions directly.
    Registered,
    /// Whoever is given a role: users are kept elsewhere. They hold nothing directly.
    External,
}

/// What removing something that is not there comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// A success without effect.
    Unchanged,
    /// A rejection.
    Rejected,
}

#[derive(Debug)]
struct Limits {
    apis: u32,
    api_permissions: u32,
    roles: u32,
    role_permissions: u32,
    user_permissions: u32,
    user_roles: u32,
}

/// How many names one command may hold, in any realm.
const ITEMS_MAX: u32 = 10_000;
/// How many subjects may be one person, of all realms together.
const LINKED_SUBJECTS_MAX: u32 = 100;

impl Policy {
    /// How many there may be.
    pub(crate) fn limit(&self, what: Limited) -> u32 {
        match what {
            Limited::Apis => self.limits.apis,
            Limited::ApiPermissions => self.limits.api_permissions,
            Limited::Roles => self.limits.roles,
            Limited::RolePermissions => self.limits.role_permissions,
            Limited::UserPermissions => self.limits.user_permissions,
            Limited::UserRoles => self.limits.user_roles,
            Limited::LinkedSubjects => LINKED_SUBJECTS_MAX,
            Limited::Items => ITEMS_MAX,
        }
    }
}

/// The rules of a realm.
pub(crate) fn of(realm: Realm) -> &'static Policy {
    match realm {
        Realm::Auth0 => &auth0::POLICY,
        Realm::Camunda => &camunda::POLICY,
        Realm::Native => &native::POLICY,
        Realm::NestAuth => &nestauth::POLICY,
    }
}
