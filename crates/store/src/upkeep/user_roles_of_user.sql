-- store.upkeep.user_roles_of_user
-- $1 tenant, $2 key, $3 limit.
WITH dead AS (
    SELECT edge.role_key
    FROM user_roles AS edge
    WHERE edge.tenant = $1 AND edge.user_key = $2
    LIMIT $3
), swept AS (
    DELETE FROM user_roles AS edge
    USING dead
    WHERE edge.tenant = $1 AND edge.user_key = $2 AND edge.role_key = dead.role_key
    RETURNING 1
)
SELECT count(*) FROM swept
