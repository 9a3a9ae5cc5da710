-- store.digest.history_user_permissions
SELECT e.user_key AS holder_key, e.permission_key AS held_key, e.from_seq AS changed_seq
FROM user_permissions_history AS e
WHERE e.tenant = $1 AND e.to_seq IS NULL
    AND EXISTS (
        SELECT 1
        FROM users_history AS x
        WHERE x.tenant = e.tenant AND x.key = e.user_key AND x.to_seq IS NULL
    )
    AND EXISTS (
        SELECT 1
        FROM permissions_history AS p
        JOIN namespaces_history AS n
            ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.to_seq IS NULL
        WHERE p.tenant = e.tenant AND p.key = e.permission_key AND p.to_seq IS NULL
    )
ORDER BY e.user_key, e.permission_key
