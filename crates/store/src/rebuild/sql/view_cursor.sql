-- store.rebuild.view_cursor
-- $1 partition, $2 the seq it stands at, $3 the seq to move to.
WITH written AS (
    UPDATE view_cursor
    SET seq = $3
    WHERE partition = $1 AND seq = $2
    RETURNING 1
)
SELECT assert_rows(count(*), 1, 'rebuild.view_cursor')
FROM written
