-- store.reads.nestauth.role_at
-- $1 tenant, $2 realm, $3 id, $4 as of this tenant_seq
SELECT r.key, r.id, r.name, r.guard, r.system, r.active,
    c.log_time AS created_at, u.log_time AS updated_at,
    h.permissions
FROM roles_history r
JOIN entry_position c ON c.tenant = r.tenant AND c.tenant_seq = r.key >> 20
JOIN entry_position u ON u.tenant = r.tenant AND u.tenant_seq = r.from_seq
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(p.name ORDER BY p.key), '{}') AS permissions
    FROM role_permissions_history e
    JOIN permissions_history p ON p.tenant = e.tenant AND p.key = e.permission_key
        AND p.from_seq <= $4 AND (p.to_seq IS NULL OR p.to_seq > $4)
    WHERE e.tenant = r.tenant AND e.role_key = r.key
        AND e.from_seq <= $4 AND (e.to_seq IS NULL OR e.to_seq > $4)
) AS h
WHERE r.tenant = $1 AND r.realm = $2 AND r.id = $3 AND r.guard IS NOT NULL
    AND r.from_seq <= $4 AND (r.to_seq IS NULL OR r.to_seq > $4)
