//! Writ's own rules: removing what is not there is no error, and limits are there to bound a load.

use super::{Absent, Limits, Namespaces, Permissions, Policy, Roles, Users};

pub(super) static POLICY: Policy = Policy {
    limits: Limits {
        apis: 1_000_000,
        api_permissions: 10_000,
        roles: 1_000_000,
        role_permissions: 10_000,
        user_permissions: 100_000,
        user_roles: 1_000,
    },
    delete_missing_api: Absent::Unchanged,
    delete_missing_role: Absent::Unchanged,
    delete_missing_user: Absent::Unchanged,
    unassign_missing_role: Absent::Unchanged,
    reserved_permissions: &[],
    namespaces: Namespaces::Made,
    permissions: Permissions::Listed,
    roles: Roles::Plain,
    users: Users::Registered,
};
