-- store.digest.namespaces
SELECT key, realm, id, identifier, name, settings, system, declared, changed_seq
FROM namespaces
WHERE tenant = $1
ORDER BY key
