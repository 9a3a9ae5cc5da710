-- store.reads.nestauth.list
-- $1 tenant, $2 realm, $3 pattern on name or description or null, $4 category or null,
-- $5 guard or null, $6 limit or null
-- By the bytes of names, as a database in C.UTF-8 has them; permissions of one name, which stand
-- in several guards, in the order in which they were made.
SELECT p.key, p.id, p.name, n.identifier AS guard, p.description, p.category,
    c.log_time AS created_at, u.log_time AS updated_at
FROM permissions p
JOIN namespaces n ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.realm = $2
JOIN entry_position c ON c.tenant = p.tenant AND c.tenant_seq = p.key >> 20
JOIN entry_position u ON u.tenant = p.tenant AND u.tenant_seq = p.changed_seq
WHERE p.tenant = $1
    AND ($3::text IS NULL OR p.name LIKE $3 OR p.description LIKE $3)
    AND ($4::text IS NULL OR p.category = $4)
    AND ($5::text IS NULL OR n.identifier = $5)
ORDER BY p.name, p.key
LIMIT $6
