-- store.ledger.load.authorizations_of
SELECT k.ord, a.key, a.id, a.kind, a.user_id, a.group_id, a.resource_type, a.resource_id,
    a.permissions, a.changed_seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[])
    WITH ORDINALITY AS k (tenant, user_id, group_id, resource_type, resource_id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM authorizations AS of_user
    WHERE of_user.tenant = k.tenant AND of_user.user_id = k.user_id
        AND of_user.resource_type = k.resource_type AND of_user.resource_id = k.resource_id
    UNION ALL
    SELECT *
    FROM authorizations AS of_group
    WHERE of_group.tenant = k.tenant AND of_group.group_id = k.group_id
        AND of_group.resource_type = k.resource_type AND of_group.resource_id = k.resource_id
    OFFSET 0
) AS a
