-- store.digest.history_camunda_settings
SELECT revoke_mode, from_seq AS changed_seq
FROM camunda_settings_history
WHERE tenant = $1 AND to_seq IS NULL
