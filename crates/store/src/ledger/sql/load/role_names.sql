-- store.ledger.load.role_names
SELECT k.ord, r.key
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, name, ord)
CROSS JOIN LATERAL (
    SELECT roles.key
    FROM roles
    WHERE roles.tenant = k.tenant AND roles.realm = k.realm AND roles.name = k.name
    LIMIT 1
) AS r
