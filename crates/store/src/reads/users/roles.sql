-- store.reads.users.roles
-- $1 tenant, $2 realm, $3 user id, $4 limit, $5 offset, $6 count them all?,
-- $7 and $8 only roles after this (name, id)
-- No row: no such user. Else at least one: the total, beside nulls where the page is empty.
WITH subject AS MATERIALIZED (
    SELECT u.key FROM users u WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
),
held AS MATERIALIZED (
    SELECT r.id, r.name, r.description
    FROM subject s
    CROSS JOIN LATERAL (
        SELECT e.role_key
        FROM user_roles e
        WHERE e.tenant = $1 AND e.user_key = s.key
        OFFSET 0
    ) e
    CROSS JOIN LATERAL (
        SELECT r.id, r.name, r.description
        FROM roles r
        WHERE r.tenant = $1 AND r.key = e.role_key
        OFFSET 0
    ) r
)
SELECT t.total, h.id, h.name, h.description
FROM subject s
CROSS JOIN (SELECT CASE WHEN $6::boolean THEN (SELECT count(*) FROM held) END AS total) t
LEFT JOIN LATERAL (
    SELECT * FROM held WHERE (name, id) > ($7, $8) ORDER BY name, id LIMIT $4 OFFSET $5
) h ON true
ORDER BY h.name, h.id
