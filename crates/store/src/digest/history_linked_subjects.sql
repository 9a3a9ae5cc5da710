-- store.digest.history_linked_subjects
SELECT key, link_key, realm, subject, from_seq AS changed_seq
FROM linked_subjects_history
WHERE tenant = $1 AND to_seq IS NULL
ORDER BY key
