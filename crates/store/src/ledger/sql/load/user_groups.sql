-- store.ledger.load.user_groups
SELECT k.ord, u.key AS user_key, m.changed_seq AS member_seq,
    g.key, g.realm, g.id, g.name, g.kind, g.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT users.key
    FROM users
    WHERE users.tenant = k.tenant AND users.realm = k.realm AND users.id = k.id
    OFFSET 0
) AS u
CROSS JOIN LATERAL (
    SELECT *
    FROM group_members
    WHERE group_members.tenant = k.tenant AND group_members.user_key = u.key
    OFFSET 0
) AS m
CROSS JOIN LATERAL (
    SELECT *
    FROM groups
    WHERE groups.tenant = k.tenant AND groups.key = m.group_key
    OFFSET 0
) AS g
