-- store.reads.users.permission_roles
-- $1 tenant, $2 realm, $3 user id, $4 limit, $5 API identifier, $6 permission name,
-- $7 and $8 only roles after this (name, id)
-- No row: no such user. Else at least one: whether the permission exists, beside nulls where
-- the page is empty.
WITH permission AS MATERIALIZED (
    SELECT p.key
    FROM namespaces n
    CROSS JOIN LATERAL (
        SELECT p.key
        FROM permissions p
        WHERE p.tenant = $1 AND p.namespace_key = n.key AND p.name = $6
        OFFSET 0
    ) p
    WHERE n.tenant = $1 AND n.realm = $2 AND n.identifier = $5
)
SELECT EXISTS (SELECT 1 FROM permission) AS permission_exists, h.id, h.name, h.description
FROM (
    SELECT u.key FROM users u WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
) s
LEFT JOIN LATERAL (
    SELECT r.id, r.name, r.description
    FROM permission p
    CROSS JOIN LATERAL (
        SELECT a.role_key
        FROM user_roles a
        WHERE a.tenant = $1 AND a.user_key = s.key
        OFFSET 0
    ) a
    CROSS JOIN LATERAL (
        SELECT r.key, r.id, r.name, r.description
        FROM roles r
        WHERE r.tenant = $1 AND r.key = a.role_key
        OFFSET 0
    ) r
    CROSS JOIN LATERAL (
        SELECT 1
        FROM role_permissions e
        WHERE e.tenant = $1 AND e.role_key = r.key AND e.permission_key = p.key
        OFFSET 0
    ) e
    WHERE (r.name, r.id) > ($7, $8)
    ORDER BY r.name, r.id
    LIMIT $4
) h ON true
ORDER BY h.name, h.id
