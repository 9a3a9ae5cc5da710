-- store.ledger.load.count_apis
SELECT k.ord, c.counted
FROM unnest($1::text[], $2::smallint[])
    WITH ORDINALITY AS k (tenant, realm, ord)
CROSS JOIN LATERAL (
    SELECT count(*) AS counted
    FROM namespaces AS every
    WHERE every.tenant = k.tenant AND every.realm = k.realm
) AS c
