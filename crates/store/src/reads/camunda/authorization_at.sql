-- store.reads.camunda.authorization_at
SELECT key, id, kind, user_id, group_id, resource_type, resource_id, permissions,
    from_seq AS changed_seq
FROM authorizations_history
WHERE tenant = $1 AND id = $2 AND from_seq <= $3 AND (to_seq IS NULL OR to_seq > $3)
