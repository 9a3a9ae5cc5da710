-- store.digest.history_admins
SELECT key, id, email, name, password, token_version, metadata, from_seq AS changed_seq
FROM admins_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
