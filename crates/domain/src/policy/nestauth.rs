//! Nest Auth's rules: `@ackplus/nest-auth` 2.11.1 with tenancy and platform access off.
//!
//! Guards are configured, and none ends: a permission outlives the configuration of its guard.
//! The product itself has no limits; these are there to bound a load.

use super::{Absent, Limits, Namespaces, Permissions, Policy, Roles, Users};

pub(super) static POLICY: Policy = Policy {
    limits: Limits {
        apis: 100,
        api_permissions: 1_000_000,
        roles: 1_000_000,
        role_permissions: 10_000,
        user_permissions: 0,
        user_roles: 1_000,
    },
    delete_missing_api: Absent::Rejected,
    delete_missing_role: Absent::Rejected,
    delete_missing_user: Absent::Unchanged,
    unassign_missing_role: Absent::Rejected,
    reserved_permissions: &[],
    namespaces: Namespaces::Configured,
    permissions: Permissions::Identified,
    roles: Roles::Guarded,
    users: Users::External,
};
