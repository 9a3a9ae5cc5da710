-- store.digest.role_permissions
SELECT e.role_key AS holder_key, e.permission_key AS held_key, e.changed_seq
FROM role_permissions AS e
WHERE e.tenant = $1
    AND EXISTS (SELECT 1 FROM roles AS r WHERE r.tenant = e.tenant AND r.key = e.role_key)
    AND EXISTS (
        SELECT 1
        FROM permissions AS p
        JOIN namespaces AS n ON n.tenant = p.tenant AND n.key = p.namespace_key
        WHERE p.tenant = e.tenant AND p.key = e.permission_key
    )
ORDER BY e.role_key, e.permission_key
