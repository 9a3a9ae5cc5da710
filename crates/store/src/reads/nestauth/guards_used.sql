-- store.reads.nestauth.guards_used
-- $1 tenant, $2 realm. Those that hold a permission, configured or not.
SELECT n.identifier AS value
FROM namespaces n
WHERE n.tenant = $1 AND n.realm = $2
    AND EXISTS (
        SELECT 1 FROM permissions p WHERE p.tenant = n.tenant AND p.namespace_key = n.key
    )
