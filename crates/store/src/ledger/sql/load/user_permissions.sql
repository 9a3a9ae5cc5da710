-- store.ledger.load.user_permissions
SELECT k.ord, u.key AS holder_key, p.key AS held_key, e.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS k (tenant, realm, user_id, identifier, name, ord)
CROSS JOIN LATERAL (
    SELECT users.key
    FROM users
    WHERE users.tenant = k.tenant AND users.realm = k.realm AND users.id = k.user_id
    OFFSET 0
) AS u
CROSS JOIN LATERAL (
    SELECT namespaces.key
    FROM namespaces
    WHERE namespaces.tenant = k.tenant
        AND namespaces.realm = k.realm
        AND namespaces.identifier = k.identifier
    OFFSET 0
) AS n
CROSS JOIN LATERAL (
    SELECT *
    FROM permissions
    WHERE permissions.tenant = k.tenant
        AND permissions.namespace_key = n.key
        AND permissions.name = k.name
    OFFSET 0
) AS p
LEFT JOIN LATERAL (
    SELECT user_permissions.changed_seq
    FROM user_permissions
    WHERE user_permissions.tenant = k.tenant
        AND user_permissions.user_key = u.key
        AND user_permissions.permission_key = p.key
    OFFSET 0
) AS e ON true
