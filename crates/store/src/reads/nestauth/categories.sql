-- store.reads.nestauth.categories
-- $1 tenant, $2 realm
SELECT DISTINCT p.category AS value
FROM permissions p
JOIN namespaces n ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.realm = $2
WHERE p.tenant = $1 AND p.category <> ''
