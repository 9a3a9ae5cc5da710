//! Auth0's rules: the recorded answers of its Management API, and its Entity Limit Policy.

use super::{Absent, Limits, Namespaces, Permissions, Policy, Roles, Users};

pub(super) static POLICY: Policy = Policy {
    limits: Limits {
        apis: 100_000,
        api_permissions: 1_000,
        roles: 1_000,
        role_permissions: 1_000,
        user_permissions: 1_000,
        user_roles: 50,
    },
    // A second DELETE of an API or a user is a success, of a role it is not found.
    delete_missing_api: Absent::Unchanged,
    delete_missing_role: Absent::Rejected,
    delete_missing_user: Absent::Unchanged,
    unassign_missing_role: Absent::Rejected,
    // The standard claims and scopes of OpenID Connect, which Auth0 refuses as an API's scopes.
    reserved_permissions: &[
        "address",
        "created_at",
        "email",
        "email_verified",
        "family_name",
        "given_name",
        "identities",
        "name",
        "nickname",
        "offline_access",
        "openid",
        "phone",
        "picture",
        "profile",
    ],
    namespaces: Namespaces::Made,
    permissions: Permissions::Listed,
    roles: Roles::Plain,
    users: Users::Registered,
};
