-- store.digest.permissions
SELECT p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.changed_seq
FROM permissions AS p
JOIN namespaces AS n ON n.tenant = p.tenant AND n.key = p.namespace_key
WHERE p.tenant = $1
ORDER BY p.key
