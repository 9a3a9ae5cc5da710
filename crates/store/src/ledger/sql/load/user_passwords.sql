-- store.ledger.load.user_passwords
SELECT k.ord, u.key AS user_key, p.hash, p.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT users.key
    FROM users
    WHERE users.tenant = k.tenant AND users.realm = k.realm AND users.id = k.id
    OFFSET 0
) AS u
LEFT JOIN LATERAL (
    SELECT *
    FROM user_passwords
    WHERE user_passwords.tenant = k.tenant AND user_passwords.user_key = u.key
    OFFSET 0
) AS p ON true
