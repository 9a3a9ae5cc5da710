-- store.upkeep.user_passwords_of_user
-- $1 tenant, $2 key, $3 limit. By place, not by join: a join here is quadratic in the edges.
WITH swept AS (
    DELETE FROM user_passwords AS edge
    WHERE edge.ctid = ANY (ARRAY(
        SELECT dead.ctid
        FROM user_passwords AS dead
        WHERE dead.tenant = $1 AND dead.user_key = $2
        LIMIT $3
    ))
    RETURNING 1
)
SELECT count(*) FROM swept
