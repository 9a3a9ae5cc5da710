-- store.reads.nestauth.guards
-- $1 tenant, $2 realm. Every guard, with the settings that say whether it is configured.
SELECT n.identifier, n.settings
FROM namespaces n
WHERE n.tenant = $1 AND n.realm = $2
