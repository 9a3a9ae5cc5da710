-- store.digest.history_namespaces
SELECT key, realm, id, identifier, name, settings, system, declared, from_seq AS changed_seq
FROM namespaces_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
