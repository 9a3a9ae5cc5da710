-- store.reads.camunda.authorization
SELECT key, id, kind, user_id, group_id, resource_type, resource_id, permissions, changed_seq
FROM authorizations
WHERE tenant = $1 AND id = $2
