-- store.ledger.load.users
SELECT k.ord, u.key, u.realm, u.id, u.profile, u.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM users
    WHERE users.tenant = k.tenant AND users.realm = k.realm AND users.id = k.id
    OFFSET 0
) AS u
