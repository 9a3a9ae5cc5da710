-- store.ledger.load.admins
SELECT k.ord, a.key, a.id, a.email, a.name, a.password, a.token_version, a.metadata, a.changed_seq
FROM unnest($1::text[], $2::text[])
    WITH ORDINALITY AS k (tenant, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM admins
    WHERE admins.tenant = k.tenant AND admins.id = k.id
    OFFSET 0
) AS a
