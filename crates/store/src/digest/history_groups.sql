-- store.digest.history_groups
SELECT key, realm, id, name, kind, from_seq AS changed_seq
FROM groups_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
