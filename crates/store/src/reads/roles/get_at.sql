-- store.reads.roles.get_at
-- $1 tenant, $2 realm, $3 id, $4 as of this tenant_seq
SELECT r.key, r.id, r.name, r.description
FROM roles_history r
WHERE r.tenant = $1 AND r.realm = $2 AND r.id = $3
    AND r.from_seq <= $4 AND (r.to_seq IS NULL OR r.to_seq > $4)
