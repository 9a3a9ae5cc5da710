-- store.reads.camunda.rights
-- $1 tenant, $2 realm, $3 user, $4 resource type, $5 resource ids,
-- $6 the groups to count, null: those that the user is a member of
SELECT
    coalesce((SELECT s.revoke_mode FROM camunda_settings AS s WHERE s.tenant = $1), 'auto')
        AS revoke_mode,
    who.groups,
    EXISTS (
        SELECT 1
        FROM authorizations AS r
        WHERE r.tenant = $1 AND r.user_id IN ($3, '*') AND r.kind = 2
    ) OR EXISTS (
        SELECT 1
        FROM authorizations AS r
        WHERE r.tenant = $1 AND r.group_id = ANY (who.groups) AND r.kind = 2
    ) AS has_revoke,
    a.kind,
    a.user_id,
    a.group_id,
    a.resource_id,
    a.permissions
FROM (
    SELECT coalesce($6::text[], ARRAY(
        SELECT g.id
        FROM users AS u
        JOIN group_members AS m ON m.tenant = u.tenant AND m.user_key = u.key
        JOIN groups AS g ON g.tenant = m.tenant AND g.key = m.group_key
        WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
        ORDER BY g.key
    )) AS groups
) AS who
LEFT JOIN LATERAL (
    SELECT h.kind, h.user_id, h.group_id, h.resource_id, h.permissions
    FROM authorizations AS h
    WHERE h.tenant = $1 AND h.user_id IN ($3, '*')
        AND h.resource_type = $4 AND h.resource_id = ANY ($5)
    UNION ALL
    SELECT h.kind, h.user_id, h.group_id, h.resource_id, h.permissions
    FROM authorizations AS h
    WHERE h.tenant = $1 AND h.group_id = ANY (who.groups)
        AND h.resource_type = $4 AND h.resource_id = ANY ($5)
) AS a ON true
