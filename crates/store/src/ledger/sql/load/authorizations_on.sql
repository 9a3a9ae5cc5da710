-- store.ledger.load.authorizations_on
SELECT k.ord, a.key, a.id, a.kind, a.user_id, a.group_id, a.resource_type, a.resource_id,
    a.permissions, a.changed_seq
FROM unnest($1::text[], $2::integer[], $3::text[])
    WITH ORDINALITY AS k (tenant, resource_type, resource_id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM authorizations AS every
    WHERE every.tenant = k.tenant
        AND every.resource_type::text || '/' || every.resource_id
            = k.resource_type::text || '/' || k.resource_id
    OFFSET 0
) AS a
