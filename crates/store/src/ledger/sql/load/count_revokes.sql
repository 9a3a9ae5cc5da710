-- store.ledger.load.count_revokes
SELECT k.ord, c.counted
FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS k (tenant, user_id, group_id, ord)
CROSS JOIN LATERAL (
    SELECT (
        SELECT count(*)
        FROM authorizations AS of_user
        WHERE of_user.tenant = k.tenant AND of_user.user_id = k.user_id AND of_user.kind = 2
    ) + (
        SELECT count(*)
        FROM authorizations AS of_group
        WHERE of_group.tenant = k.tenant AND of_group.group_id = k.group_id AND of_group.kind = 2
    ) AS counted
    OFFSET 0
) AS c
