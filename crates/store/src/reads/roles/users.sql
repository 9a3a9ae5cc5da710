-- store.reads.roles.users
-- $1 tenant, $2 realm, $3 role id, $4 limit, $5 offset, $6 count them all?,
-- $7 and $8 only users after this (entry that assigned them, user id)
-- No row: no such role. Else at least one: the total, beside nulls where the page is empty.
SELECT t.total, m.assigned_seq, m.id, m.profile
FROM (
    SELECT r.key FROM roles r WHERE r.tenant = $1 AND r.realm = $2 AND r.id = $3
) r
CROSS JOIN LATERAL (
    SELECT CASE WHEN $6::boolean THEN (
        SELECT count(*)
        FROM user_roles e
        CROSS JOIN LATERAL (
            SELECT 1 FROM users u WHERE u.tenant = $1 AND u.key = e.user_key OFFSET 0
        ) u
        WHERE e.tenant = $1 AND e.role_key = r.key
    ) END AS total
) t
LEFT JOIN LATERAL (
    SELECT e.changed_seq AS assigned_seq, u.id, u.profile
    FROM user_roles e
    CROSS JOIN LATERAL (
        SELECT u.id, u.profile FROM users u WHERE u.tenant = $1 AND u.key = e.user_key OFFSET 0
    ) u
    WHERE e.tenant = $1 AND e.role_key = r.key
        AND e.changed_seq >= $7 AND (e.changed_seq > $7 OR u.id > $8)
    ORDER BY e.changed_seq, u.id
    LIMIT $4 OFFSET $5
) m ON true
ORDER BY m.assigned_seq, m.id
