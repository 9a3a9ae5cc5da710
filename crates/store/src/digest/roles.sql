-- store.digest.roles
SELECT key, realm, id, name, description, guard, system, active, saved_seq, changed_seq
FROM roles
WHERE tenant = $1
ORDER BY key
