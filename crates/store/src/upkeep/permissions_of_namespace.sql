-- store.upkeep.permissions_of_namespace
-- $1 partition, $2 tenant, $3 namespace key, $4 limit. What rested on the permissions is swept
-- in later steps.
WITH dead AS (
    SELECT permissions.key
    FROM permissions
    WHERE permissions.tenant = $2 AND permissions.namespace_key = $3
    LIMIT $4
), swept AS (
    DELETE FROM permissions
    USING dead
    WHERE permissions.tenant = $2 AND permissions.key = dead.key
    RETURNING permissions.key
), queued AS (
    INSERT INTO dead_noun (partition, tenant, kind, key)
    SELECT $1, $2, 2, swept.key
    FROM swept
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM swept
