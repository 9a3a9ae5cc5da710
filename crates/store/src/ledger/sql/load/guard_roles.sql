-- store.ledger.load.guard_roles
SELECT k.ord, r.key
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[])
    WITH ORDINALITY AS k (tenant, realm, guard, name, ord)
CROSS JOIN LATERAL (
    SELECT roles.key
    FROM roles
    WHERE roles.tenant = k.tenant
        AND roles.realm = k.realm
        AND roles.name = k.name
        AND roles.guard = k.guard
    LIMIT 1
) AS r
