-- store.digest.admins
SELECT key, id, email, name, password, token_version, metadata, changed_seq
FROM admins
WHERE tenant = $1
ORDER BY key
