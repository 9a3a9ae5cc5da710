-- store.reads.roles.get
-- $1 tenant, $2 realm, $3 id
SELECT r.key, r.id, r.name, r.description
FROM roles r
WHERE r.tenant = $1 AND r.realm = $2 AND r.id = $3
