-- store.digest.user_permissions
SELECT e.user_key AS holder_key, e.permission_key AS held_key, e.changed_seq
FROM user_permissions AS e
WHERE e.tenant = $1
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.tenant = e.tenant AND u.key = e.user_key)
    AND EXISTS (
        SELECT 1
        FROM permissions AS p
        JOIN namespaces AS n ON n.tenant = p.tenant AND n.key = p.namespace_key
        WHERE p.tenant = e.tenant AND p.key = e.permission_key
    )
ORDER BY e.user_key, e.permission_key
