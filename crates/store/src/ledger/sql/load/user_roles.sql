-- store.ledger.load.user_roles
SELECT k.ord, u.key AS holder_key, r.key AS held_key, e.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[])
    WITH ORDINALITY AS k (tenant, realm, user_id, role, ord)
CROSS JOIN LATERAL (
    SELECT users.key
    FROM users
    WHERE users.tenant = k.tenant AND users.realm = k.realm AND users.id = k.user_id
    OFFSET 0
) AS u
CROSS JOIN LATERAL (
    SELECT roles.key
    FROM roles
    WHERE roles.tenant = k.tenant AND roles.realm = k.realm AND roles.id = k.role
    OFFSET 0
) AS r
LEFT JOIN LATERAL (
    SELECT user_roles.changed_seq
    FROM user_roles
    WHERE user_roles.tenant = k.tenant
        AND user_roles.user_key = u.key
        AND user_roles.role_key = r.key
    OFFSET 0
) AS e ON true
