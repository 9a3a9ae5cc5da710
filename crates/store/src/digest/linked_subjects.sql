-- store.digest.linked_subjects
SELECT key, link_key, realm, subject, changed_seq
FROM linked_subjects
WHERE tenant = $1
ORDER BY key
