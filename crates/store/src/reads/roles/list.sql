-- store.reads.roles.list
-- $1 tenant, $2 realm, $3 part of the name in any case or null, $4 limit, $5 offset, $6 count?
-- Always at least one row: the total, beside nulls where the page is empty. Case is the
-- database's: the "C" collation of the column knows that of ASCII alone.
WITH wanted AS MATERIALIZED (
    SELECT r.key, r.id, r.name, r.description
    FROM roles r
    WHERE r.tenant = $1 AND r.realm = $2
        AND (
            $3::text IS NULL
            OR strpos(lower(r.name COLLATE "default"), lower($3 COLLATE "default")) > 0
        )
)
SELECT t.total, w.key, w.id, w.name, w.description
FROM (SELECT CASE WHEN $6::boolean THEN (SELECT count(*) FROM wanted) END AS total) t
LEFT JOIN LATERAL (
    SELECT * FROM wanted ORDER BY name, key LIMIT $4 OFFSET $5
) w ON true
ORDER BY w.name, w.key
