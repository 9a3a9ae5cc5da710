-- store.ledger.load.namespaces
-- Every one of a realm: loaded only where they are configured, and few.
SELECT k.ord, n.key, n.realm, n.id, n.identifier, n.name, n.settings, n.system, n.declared, n.changed_seq
FROM unnest($1::text[], $2::smallint[])
    WITH ORDINALITY AS k (tenant, realm, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM namespaces AS every
    WHERE every.tenant = k.tenant AND every.realm = k.realm
    OFFSET 0
) AS n
