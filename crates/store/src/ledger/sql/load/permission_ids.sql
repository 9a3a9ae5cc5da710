-- store.ledger.load.permission_ids
-- With the namespace, so that the permission can be named.
SELECT k.ord, p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.changed_seq,
    n.key AS n_key, n.realm AS n_realm, n.id AS n_id, n.identifier AS n_identifier, n.name AS n_name,
    n.settings AS n_settings, n.system AS n_system, n.declared AS n_declared,
    n.changed_seq AS n_changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM permissions
    WHERE permissions.tenant = k.tenant AND permissions.id = k.id
    OFFSET 0
) AS p
CROSS JOIN LATERAL (
    SELECT *
    FROM namespaces
    WHERE namespaces.tenant = k.tenant AND namespaces.key = p.namespace_key
    OFFSET 0
) AS n
