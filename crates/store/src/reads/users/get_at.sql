-- store.reads.users.get_at
-- $1 tenant, $2 realm, $3 id, $4 as of this tenant_seq
-- The upper bits of a key are the entry that made the noun.
SELECT u.key, u.id, u.profile, made.log_time AS created_at, changed.log_time AS updated_at
FROM users_history u
LEFT JOIN LATERAL (
    SELECT e.log_time
    FROM entry_position e
    WHERE e.tenant = $1 AND e.tenant_seq = u.key >> 20
) made ON true
LEFT JOIN LATERAL (
    SELECT e.log_time
    FROM entry_position e
    WHERE e.tenant = $1 AND e.tenant_seq = u.from_seq
) changed ON true
WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
    AND u.from_seq <= $4 AND (u.to_seq IS NULL OR u.to_seq > $4)
