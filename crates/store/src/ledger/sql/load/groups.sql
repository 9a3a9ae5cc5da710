-- store.ledger.load.groups
SELECT k.ord, g.key, g.realm, g.id, g.name, g.kind, g.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM groups
    WHERE groups.tenant = k.tenant AND groups.realm = k.realm AND groups.id = k.id
    OFFSET 0
) AS g
