-- store.digest.groups
SELECT key, realm, id, name, kind, changed_seq
FROM groups
WHERE tenant = $1
ORDER BY key
