-- store.ledger.load.count_admins
SELECT k.ord, c.counted
FROM unnest($1::text[])
    WITH ORDINALITY AS k (tenant, ord)
CROSS JOIN LATERAL (
    SELECT count(*) AS counted
    FROM admins AS every
    WHERE every.tenant = k.tenant
) AS c
