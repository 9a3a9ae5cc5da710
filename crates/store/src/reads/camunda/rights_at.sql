-- store.reads.camunda.rights_at
-- As rights, after entry $7.
SELECT
    coalesce((
        SELECT s.revoke_mode
        FROM camunda_settings_history AS s
        WHERE s.tenant = $1 AND s.from_seq <= $7 AND (s.to_seq IS NULL OR s.to_seq > $7)
    ), 'auto') AS revoke_mode,
    who.groups,
    EXISTS (
        SELECT 1
        FROM authorizations_history AS r
        WHERE r.tenant = $1 AND r.user_id IN ($3, '*') AND r.kind = 2
            AND r.from_seq <= $7 AND (r.to_seq IS NULL OR r.to_seq > $7)
    ) OR EXISTS (
        SELECT 1
        FROM authorizations_history AS r
        WHERE r.tenant = $1 AND r.group_id = ANY (who.groups) AND r.kind = 2
            AND r.from_seq <= $7 AND (r.to_seq IS NULL OR r.to_seq > $7)
    ) AS has_revoke,
    a.kind,
    a.user_id,
    a.group_id,
    a.resource_id,
    a.permissions
FROM (
    SELECT coalesce($6::text[], ARRAY(
        SELECT g.id
        FROM users_history AS u
        JOIN group_members_history AS m ON m.tenant = u.tenant AND m.user_key = u.key
        JOIN groups_history AS g ON g.tenant = m.tenant AND g.key = m.group_key
        WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
            AND u.from_seq <= $7 AND (u.to_seq IS NULL OR u.to_seq > $7)
            AND m.from_seq <= $7 AND (m.to_seq IS NULL OR m.to_seq > $7)
            AND g.from_seq <= $7 AND (g.to_seq IS NULL OR g.to_seq > $7)
        ORDER BY g.key
    )) AS groups
) AS who
LEFT JOIN LATERAL (
    SELECT h.kind, h.user_id, h.group_id, h.resource_id, h.permissions
    FROM authorizations_history AS h
    WHERE h.tenant = $1 AND h.user_id IN ($3, '*')
        AND h.resource_type = $4 AND h.resource_id = ANY ($5)
        AND h.from_seq <= $7 AND (h.to_seq IS NULL OR h.to_seq > $7)
    UNION ALL
    SELECT h.kind, h.user_id, h.group_id, h.resource_id, h.permissions
    FROM authorizations_history AS h
    WHERE h.tenant = $1 AND h.group_id = ANY (who.groups)
        AND h.resource_type = $4 AND h.resource_id = ANY ($5)
        AND h.from_seq <= $7 AND (h.to_seq IS NULL OR h.to_seq > $7)
) AS a ON true
