-- store.reads.camunda.user
-- $1 tenant, $2 viewer, $3 its groups, $4 realm, $5 user
SELECT u.key, u.realm, u.id, u.profile, u.changed_seq
FROM (SELECT camunda_revokes($1, $2, $3) AS revokes OFFSET 0) AS r
CROSS JOIN users AS u
WHERE u.tenant = $1 AND u.realm = $4 AND u.id = $5
    AND camunda_shows($1, $2, $3, r.revokes, 2, 1, u.id)
