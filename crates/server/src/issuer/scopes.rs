//! Every scope there is.

/// Auth0's for the routes that its dialect serves, then our own.
pub(crate) const ALL_SCOPES: &[&str] = &[
    "read:resource_servers",
    "create:resource_servers",
    "update:resource_servers",
    "delete:resource_servers",
    "read:roles",
    "create:roles",
    "update:roles",
    "delete:roles",
    "read:users",
    "create:users",
    "update:users",
    "delete:users",
    "read:role_members",
    "create:role_members",
    "delete:role_members",
    "read:user_effective_permissions",
    "read:user_effective_roles",
    "read:user_permission_source_roles",
    "read:organization_member_roles",
    "create:organization_member_roles",
    "delete:organization_member_roles",
    "read:client_grants",
    "create:client_grants",
    "update:client_grants",
    "delete:client_grants",
    "read:clients",
    "read:logs",
    "read:logs_users",
    "create:groups",
    "update:groups",
    "delete:groups",
    "create:authorizations",
    "update:authorizations",
    "delete:authorizations",
    "configure:camunda",
    "ledger:read",
    "ledger:write",
    "ledger:audit",
];

/// A scope that no route asks for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope `{0}`; there are {known}", known = ALL_SCOPES.join(", "))]
pub(crate) struct UnknownScope(pub(crate) String);

/// The scopes in a text with spaces (or commas) between, each once. None if there is none.
pub(crate) fn known_scopes(text: &str) -> Result<Vec<String>, UnknownScope> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split([' ', ',']).filter(|scope| !scope.is_empty()) {
        if !ALL_SCOPES.contains(&scope) {
            return Err(UnknownScope(scope.to_owned()));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_once_each_and_unknown_ones_named() {
        assert_eq!(
            known_scopes("read:roles  read:roles,ledger:read").unwrap(),
            ["read:roles", "ledger:read"]
        );
        assert_eq!(known_scopes(" ").unwrap(), Vec::<String>::new());
        assert_eq!(
            known_scopes("read:role"),
            Err(UnknownScope("read:role".into()))
        );
    }
}
