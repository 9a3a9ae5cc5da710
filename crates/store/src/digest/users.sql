-- store.digest.users
SELECT key, realm, id, profile, changed_seq
FROM users
WHERE tenant = $1
ORDER BY key
