-- store.rebuild.read_lock
LOCK TABLE
    dead_noun,
    namespaces,
    namespaces_history,
    permissions,
    permissions_history,
    roles,
    roles_history,
    users,
    users_history,
    role_permissions,
    role_permissions_history,
    user_permissions,
    user_permissions_history,
    user_roles,
    user_roles_history
IN ACCESS SHARE MODE
