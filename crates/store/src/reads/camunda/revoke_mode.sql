-- store.reads.camunda.revoke_mode
SELECT revoke_mode
FROM camunda_settings
WHERE tenant = $1
