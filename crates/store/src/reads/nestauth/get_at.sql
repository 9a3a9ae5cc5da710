-- store.reads.nestauth.get_at
-- $1 tenant, $2 realm, $3 id, $4 as of this tenant_seq. A guard never ends.
SELECT p.key, p.id, p.name, n.identifier AS guard, p.description, p.category,
    c.log_time AS created_at, u.log_time AS updated_at
FROM permissions_history p
JOIN namespaces n ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.realm = $2
JOIN entry_position c ON c.tenant = p.tenant AND c.tenant_seq = p.key >> 20
JOIN entry_position u ON u.tenant = p.tenant AND u.tenant_seq = p.from_seq
WHERE p.tenant = $1 AND p.id = $3
    AND p.from_seq <= $4 AND (p.to_seq IS NULL OR p.to_seq > $4)
