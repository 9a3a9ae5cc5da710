-- store.digest.history_roles
SELECT key, realm, id, name, description, from_seq AS changed_seq
FROM roles_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
