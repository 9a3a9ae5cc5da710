-- store.ledger.load.authorizations
SELECT k.ord, a.key, a.id, a.kind, a.user_id, a.group_id, a.resource_type, a.resource_id,
    a.permissions, a.changed_seq
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (tenant, id, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM authorizations
    WHERE authorizations.tenant = k.tenant AND authorizations.id = k.id
    OFFSET 0
) AS a
