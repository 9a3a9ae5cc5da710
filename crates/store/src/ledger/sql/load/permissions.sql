-- store.ledger.load.permissions
SELECT k.ord, p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[])
    WITH ORDINALITY AS k (tenant, realm, identifier, name, ord)
CROSS JOIN LATERAL (
    SELECT namespaces.key
    FROM namespaces
    WHERE namespaces.tenant = k.tenant
        AND namespaces.realm = k.realm
        AND namespaces.identifier = k.identifier
    OFFSET 0
) AS n
CROSS JOIN LATERAL (
    SELECT *
    FROM permissions
    WHERE permissions.tenant = k.tenant
        AND permissions.namespace_key = n.key
        AND permissions.name = k.name
    OFFSET 0
) AS p
