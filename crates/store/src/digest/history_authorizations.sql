-- store.digest.history_authorizations
SELECT key, id, kind, user_id, group_id, resource_type, resource_id, permissions, from_seq AS changed_seq
FROM authorizations_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
