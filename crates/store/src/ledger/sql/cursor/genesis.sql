-- store.ledger.cursor.genesis
-- Makes cursors only where there is none at all; says how many there are then.
WITH made AS (
    INSERT INTO ledger_cursor (partition)
    SELECT partition
    FROM generate_series(0, $1::integer - 1) AS partition
    WHERE NOT EXISTS (SELECT 1 FROM ledger_cursor)
    ON CONFLICT (partition) DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM made) + (SELECT count(*) FROM ledger_cursor) AS partitions
