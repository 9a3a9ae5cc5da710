-- store.reads.roles.permissions
-- $1 tenant, $2 realm, $3 role id, $4 limit, $5 offset, $6 count them all?
-- No row: no such role. Else at least one: the total, beside nulls where the page is empty.
WITH role AS MATERIALIZED (
    SELECT r.key FROM roles r WHERE r.tenant = $1 AND r.realm = $2 AND r.id = $3
),
held AS MATERIALIZED (
    SELECT n.identifier, n.name AS api_name, p.name, p.description
    FROM role r
    CROSS JOIN LATERAL (
        SELECT e.permission_key
        FROM role_permissions e
        WHERE e.tenant = $1 AND e.role_key = r.key
        OFFSET 0
    ) e
    CROSS JOIN LATERAL (
        SELECT p.namespace_key, p.name, p.description
        FROM permissions p
        WHERE p.tenant = $1 AND p.key = e.permission_key
        OFFSET 0
    ) p
    CROSS JOIN LATERAL (
        SELECT n.identifier, n.name
        FROM namespaces n
        WHERE n.tenant = $1 AND n.key = p.namespace_key
        OFFSET 0
    ) n
)
SELECT t.total, h.identifier, h.api_name, h.name, h.description
FROM role r
CROSS JOIN (SELECT CASE WHEN $6::boolean THEN (SELECT count(*) FROM held) END AS total) t
LEFT JOIN LATERAL (
    SELECT * FROM held ORDER BY identifier, name LIMIT $4 OFFSET $5
) h ON true
ORDER BY h.identifier, h.name
