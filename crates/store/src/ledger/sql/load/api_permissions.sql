-- store.ledger.load.api_permissions
SELECT k.ord, p.key, p.namespace_key, p.name, p.description, p.ordinal, p.id, p.category, p.changed_seq
FROM unnest($1::text[], $2::bigint[])
    WITH ORDINALITY AS k (tenant, namespace_key, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM permissions AS every
    WHERE every.tenant = k.tenant AND every.namespace_key = k.namespace_key
    OFFSET 0
) AS p
