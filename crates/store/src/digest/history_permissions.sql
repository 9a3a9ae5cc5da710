-- store.digest.history_permissions
SELECT p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.from_seq AS changed_seq
FROM permissions_history AS p
JOIN namespaces_history AS n
    ON n.tenant = p.tenant AND n.key = p.namespace_key AND n.to_seq IS NULL
WHERE p.tenant = $1 AND p.to_seq IS NULL
ORDER BY p.key
