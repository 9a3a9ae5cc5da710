-- store.reads.users.permissions
-- $1 tenant, $2 realm, $3 user id, $4 limit, $5 offset, $6 count them all?,
-- $7 only permissions of the API of this identifier, or null, $8 only those after this name
-- No row: no such user. Else at least one: the total and whether the API exists, beside nulls
-- where the page is empty. A permission held in several ways is one row that lists them.
WITH subject AS MATERIALIZED (
    SELECT u.key FROM users u WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
),
source AS MATERIALIZED (
    SELECT e.permission_key, NULL::text AS role_id, NULL::text AS role_name
    FROM subject s
    CROSS JOIN LATERAL (
        SELECT e.permission_key
        FROM user_permissions e
        WHERE e.tenant = $1 AND e.user_key = s.key
        OFFSET 0
    ) e
    UNION ALL
    SELECT e.permission_key, r.id, r.name
    FROM subject s
    CROSS JOIN LATERAL (
        SELECT a.role_key
        FROM user_roles a
        WHERE a.tenant = $1 AND a.user_key = s.key
        OFFSET 0
    ) a
    CROSS JOIN LATERAL (
        SELECT r.key, r.id, r.name
        FROM roles r
        WHERE r.tenant = $1 AND r.key = a.role_key
        OFFSET 0
    ) r
    CROSS JOIN LATERAL (
        SELECT e.permission_key
        FROM role_permissions e
        WHERE e.tenant = $1 AND e.role_key = r.key
        OFFSET 0
    ) e
),
held AS MATERIALIZED (
    SELECT n.identifier, n.name AS api_name, p.name, p.description,
        s.direct, s.role_ids, s.role_names
    FROM (
        SELECT permission_key,
            bool_or(role_id IS NULL) AS direct,
            coalesce(
                array_agg(role_id ORDER BY role_name, role_id) FILTER (WHERE role_id IS NOT NULL),
                '{}'
            ) AS role_ids,
            coalesce(
                array_agg(role_name ORDER BY role_name, role_id) FILTER (WHERE role_id IS NOT NULL),
                '{}'
            ) AS role_names
        FROM source
        GROUP BY permission_key
    ) s
    CROSS JOIN LATERAL (
        SELECT p.namespace_key, p.name, p.description
        FROM permissions p
        WHERE p.tenant = $1 AND p.key = s.permission_key
        OFFSET 0
    ) p
    CROSS JOIN LATERAL (
        SELECT n.identifier, n.name
        FROM namespaces n
        WHERE n.tenant = $1 AND n.key = p.namespace_key
        OFFSET 0
    ) n
    WHERE ($7::text IS NULL OR n.identifier = $7) AND p.name > $8
)
SELECT t.total, t.api_exists,
    h.identifier, h.api_name, h.name, h.description, h.direct, h.role_ids, h.role_names
FROM subject s
CROSS JOIN (
    SELECT CASE WHEN $6::boolean THEN (SELECT count(*) FROM held) END AS total,
        EXISTS (
            SELECT 1 FROM namespaces n
            WHERE n.tenant = $1 AND n.realm = $2 AND n.identifier = $7
        ) AS api_exists
) t
LEFT JOIN LATERAL (
    SELECT * FROM held ORDER BY identifier, name LIMIT $4 OFFSET $5
) h ON true
ORDER BY h.identifier, h.name
