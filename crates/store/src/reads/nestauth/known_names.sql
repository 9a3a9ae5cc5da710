-- store.reads.nestauth.known_names
-- $1 tenant, $2 realm, $3 guard, $4 names. Those of the names that the guard has.
SELECT p.name AS value
FROM namespaces n
JOIN permissions p ON p.tenant = n.tenant AND p.namespace_key = n.key AND p.name = ANY ($4::text[])
WHERE n.tenant = $1 AND n.realm = $2 AND n.identifier = $3
