-- store.reads.nestauth.roles
-- $1 tenant, $2 realm, $3 guard or null, $4 only the host's own?
SELECT r.key, r.id, r.name, r.guard, r.system, r.active,
    c.log_time AS created_at, u.log_time AS updated_at,
    h.permissions
FROM roles r
JOIN entry_position c ON c.tenant = r.tenant AND c.tenant_seq = r.key >> 20
JOIN entry_position u ON u.tenant = r.tenant AND u.tenant_seq = r.changed_seq
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(p.name ORDER BY p.key), '{}') AS permissions
    FROM role_permissions e
    JOIN permissions p ON p.tenant = e.tenant AND p.key = e.permission_key
    JOIN namespaces n ON n.tenant = p.tenant AND n.key = p.namespace_key
    WHERE e.tenant = r.tenant AND e.role_key = r.key
) AS h
WHERE r.tenant = $1 AND r.realm = $2 AND r.guard IS NOT NULL
    AND ($3::text IS NULL OR r.guard = $3)
    AND (NOT $4::boolean OR r.system)
ORDER BY r.name, r.key
