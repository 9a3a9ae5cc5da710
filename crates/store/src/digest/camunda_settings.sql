-- store.digest.camunda_settings
SELECT revoke_mode, changed_seq
FROM camunda_settings
WHERE tenant = $1
