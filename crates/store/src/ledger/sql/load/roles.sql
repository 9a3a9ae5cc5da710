-- store.ledger.load.roles
SELECT k.ord, r.key, r.realm, r.id, r.name, r.description, r.guard, r.system, r.active, r.saved_seq,
    r.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM roles
    WHERE roles.tenant = k.tenant AND roles.realm = k.realm AND roles.id = k.id
    OFFSET 0
) AS r
