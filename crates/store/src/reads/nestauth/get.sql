-- store.reads.nestauth.get
-- $1 tenant, $2 realm, $3 id
SELECT p.key, p.id, p.name, n.identifier AS guard, p.description, p.category,
    c.log_time AS created_at, u.log_time AS updated_at
FROM permissions p
JOIN namespaces n ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.realm = $2
JOIN entry_position c ON c.tenant = p.tenant AND c.tenant_seq = p.key >> 20
JOIN entry_position u ON u.tenant = p.tenant AND u.tenant_seq = p.changed_seq
WHERE p.tenant = $1 AND p.id = $3
