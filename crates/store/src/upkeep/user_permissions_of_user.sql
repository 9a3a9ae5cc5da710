-- store.upkeep.user_permissions_of_user
-- $1 tenant, $2 key, $3 limit.
WITH dead AS (
    SELECT edge.permission_key
    FROM user_permissions AS edge
    WHERE edge.tenant = $1 AND edge.user_key = $2
    LIMIT $3
), swept AS (
    DELETE FROM user_permissions AS edge
    USING dead
    WHERE edge.tenant = $1 AND edge.user_key = $2 AND edge.permission_key = dead.permission_key
    RETURNING 1
)
SELECT count(*) FROM swept
