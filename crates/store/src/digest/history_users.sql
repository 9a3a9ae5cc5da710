-- store.digest.history_users
SELECT key, realm, id, profile, from_seq AS changed_seq
FROM users_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
