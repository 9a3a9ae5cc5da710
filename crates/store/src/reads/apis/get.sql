-- store.reads.apis.get
-- $1 tenant, $2 realm, $3 id or identifier (an id wins)
WITH api AS MATERIALIZED (
    SELECT named.*
    FROM (
        SELECT 1 AS preference, n.*
        FROM namespaces n
        WHERE n.tenant = $1 AND n.realm = $2 AND n.id = $3
        UNION ALL
        SELECT 2 AS preference, n.*
        FROM namespaces n
        WHERE n.tenant = $1 AND n.realm = $2 AND n.identifier = $3
    ) named
    ORDER BY named.preference
    LIMIT 1
)
SELECT a.key, a.id, a.identifier, a.name, a.settings, a.system, a.declared,
    p.names, p.descriptions,
    (
        SELECT max(e.tenant_seq)
        FROM entry_noun e
        WHERE e.tenant = $1 AND e.realm = $2 AND e.kind = 1 AND e.id = a.identifier AND e.changed
    ) AS changed_seq
FROM api a
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(p.name ORDER BY p.ordinal, p.key), '{}') AS names,
        coalesce(array_agg(p.description ORDER BY p.ordinal, p.key), '{}') AS descriptions
    FROM permissions p
    WHERE p.tenant = $1 AND p.namespace_key = a.key
) p
