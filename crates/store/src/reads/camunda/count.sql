-- store.reads.camunda.count
-- $1 tenant, $2 viewer, $3 its groups; filters, null for none:
-- $4 id, $5 kind, $6 users, $7 groups, $8 resource type, $9 resource id
SELECT count(*) AS counted
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
