-- store.ledger.load.role_permissions
SELECT k.ord, r.key AS holder_key, p.key AS held_key, e.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS k (tenant, realm, role, identifier, name, ord)
CROSS JOIN LATERAL (
    SELECT roles.key
    FROM roles
    WHERE roles.tenant = k.tenant AND roles.realm = k.realm AND roles.id = k.role
    OFFSET 0
) AS r
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
    SELECT role_permissions.changed_seq
    FROM role_permissions
    WHERE role_permissions.tenant = k.tenant
        AND role_permissions.role_key = r.key
        AND role_permissions.permission_key = p.key
    OFFSET 0
) AS e ON true
