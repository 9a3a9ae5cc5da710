-- store.ledger.load.role_holdings
-- Every live permission of a role, each with its namespace.
SELECT k.ord, r.key AS holder_key, e.permission_key AS held_key, e.changed_seq AS edge_changed_seq,
    p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.changed_seq,
    n.key AS n_key, n.realm AS n_realm, n.id AS n_id, n.identifier AS n_identifier, n.name AS n_name,
    n.settings AS n_settings, n.system AS n_system, n.declared AS n_declared,
    n.changed_seq AS n_changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, role, ord)
CROSS JOIN LATERAL (
    SELECT roles.key
    FROM roles
    WHERE roles.tenant = k.tenant AND roles.realm = k.realm AND roles.id = k.role
    OFFSET 0
) AS r
CROSS JOIN LATERAL (
    SELECT every.permission_key, every.changed_seq
    FROM role_permissions AS every
    WHERE every.tenant = k.tenant AND every.role_key = r.key
    OFFSET 0
) AS e
CROSS JOIN LATERAL (
    SELECT *
    FROM permissions
    WHERE permissions.tenant = k.tenant AND permissions.key = e.permission_key
    OFFSET 0
) AS p
CROSS JOIN LATERAL (
    SELECT *
    FROM namespaces
    WHERE namespaces.tenant = k.tenant AND namespaces.key = p.namespace_key
    OFFSET 0
) AS n
