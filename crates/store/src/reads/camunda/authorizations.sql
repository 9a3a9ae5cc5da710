-- store.reads.camunda.authorizations
-- $1 tenant, $2 viewer, $3 its groups; filters, null for none:
-- $4 id, $5 kind, $6 users, $7 groups, $8 resource type, $9 resource id;
-- $10 order (1, 2 by type, 3, 4 by resource id, up and down), $11 from, $12 how many
SELECT a.key, a.id, a.kind, a.user_id, a.group_id, a.resource_type, a.resource_id, a.permissions,
    a.changed_seq
FROM (SELECT camunda_revokes($1, $2, $3) AS revokes OFFSET 0) AS r
CROSS JOIN authorizations AS a
WHERE a.tenant = $1
    AND ($4::text IS NULL OR a.id = $4)
    AND ($5::smallint IS NULL OR a.kind = $5)
    AND ($6::text[] IS NULL OR a.user_id = ANY ($6))
    AND ($7::text[] IS NULL OR a.group_id = ANY ($7))
    AND ($8::integer IS NULL OR a.resource_type = $8)
    AND ($9::text IS NULL OR a.resource_id = $9)
    AND camunda_shows($1, $2, $3, r.revokes, 2, 4, a.id)
ORDER BY
    CASE WHEN $10::smallint = 1 THEN a.resource_type END,
    CASE WHEN $10 = 2 THEN a.resource_type END DESC,
    CASE WHEN $10 = 3 THEN a.resource_id END NULLS FIRST,
    CASE WHEN $10 = 4 THEN a.resource_id END DESC NULLS LAST,
    a.id
OFFSET $11
LIMIT $12
