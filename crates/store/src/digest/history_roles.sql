-- store.digest.history_roles
SELECT key, realm, id, name, description, guard, system, active, saved_seq, from_seq AS changed_seq
FROM roles_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
