-- store.upkeep.permissions_of_namespace
-- $1 partition, $2 tenant, $3 namespace key, $4 limit. What rested on the permissions is swept
-- in later steps. By place, not by join: a join here is quadratic in the permissions.
WITH swept AS (
    DELETE FROM permissions
    WHERE permissions.ctid = ANY (ARRAY(
        SELECT dead.ctid
        FROM permissions AS dead
        WHERE dead.tenant = $2 AND dead.namespace_key = $3
        LIMIT $4
    ))
    RETURNING permissions.key
), queued AS (
    INSERT INTO dead_noun (partition, tenant, kind, key)
    SELECT $1, $2, 2, swept.key
    FROM swept
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM swept
