-- store.reads.users.list
-- $1 tenant, $2 realm, $3 limit, $4 offset, $5 count them all?
-- Always at least one row: the total, beside nulls where the page is empty.
-- The upper bits of a key are the entry that made the noun.
SELECT t.total, u.key, u.id, u.profile,
    made.log_time AS created_at, changed.log_time AS updated_at
FROM (
    SELECT CASE WHEN $5::boolean THEN (
        SELECT count(*) FROM users u WHERE u.tenant = $1 AND u.realm = $2
    ) END AS total
) t
LEFT JOIN LATERAL (
    SELECT u.key, u.id, u.profile, u.changed_seq
    FROM users u
    WHERE u.tenant = $1 AND u.realm = $2
    ORDER BY u.key
    LIMIT $3 OFFSET $4
) u ON true
LEFT JOIN LATERAL (
    SELECT e.log_time
    FROM entry_position e
    WHERE e.tenant = $1 AND e.tenant_seq = u.key >> 20
) made ON true
LEFT JOIN LATERAL (
    SELECT e.log_time
    FROM entry_position e
    WHERE e.tenant = $1 AND e.tenant_seq = u.changed_seq
) changed ON true
ORDER BY u.key
