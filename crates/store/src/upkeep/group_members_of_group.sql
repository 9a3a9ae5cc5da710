-- store.upkeep.group_members_of_group
-- $1 tenant, $2 key, $3 limit. By place, not by join: a join here is quadratic in the edges.
WITH swept AS (
    DELETE FROM group_members AS edge
    WHERE edge.ctid = ANY (ARRAY(
        SELECT dead.ctid
        FROM group_members AS dead
        WHERE dead.tenant = $1 AND dead.group_key = $2
        LIMIT $3
    ))
    RETURNING 1
)
SELECT count(*) FROM swept
