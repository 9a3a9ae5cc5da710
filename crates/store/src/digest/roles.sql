-- store.digest.roles
SELECT key, realm, id, name, description, changed_seq
FROM roles
WHERE tenant = $1
ORDER BY key
