-- store.reads.camunda.groups
-- $1 tenant, $2 viewer, $3 its groups, $4 realm; filters, null
-- for none: $5 ids, $6 name, $7 kind, $8 member; $9 from, $10 how many
SELECT g.key, g.realm, g.id, g.name, g.kind, g.changed_seq
FROM (SELECT camunda_revokes($1, $2, $3) AS revokes OFFSET 0) AS r
CROSS JOIN groups AS g
WHERE g.tenant = $1 AND g.realm = $4
    AND ($5::text[] IS NULL OR g.id = ANY ($5))
    AND ($6::text IS NULL OR g.name = $6)
    AND ($7::text IS NULL OR g.kind = $7)
    AND ($8::text IS NULL OR EXISTS (
        SELECT 1
        FROM users AS u
        JOIN group_members AS m ON m.tenant = u.tenant AND m.user_key = u.key
        WHERE u.tenant = $1 AND u.realm = $4 AND u.id = $8 AND m.group_key = g.key
    ))
    AND camunda_shows($1, $2, $3, r.revokes, 2, 2, g.id)
ORDER BY g.id
OFFSET $9
LIMIT $10
