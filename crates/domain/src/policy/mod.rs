//! The rules of each realm, as data. Matched nowhere else.

mod auth0;
pub mod camunda;
mod native;

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
    }
}
