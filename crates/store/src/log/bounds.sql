-- store.log.bounds
SELECT
    coalesce(
        (
            SELECT record.log_offset FROM log_record AS record
            WHERE record.partition = $1::integer
            ORDER BY record.log_offset
            LIMIT 1
        ),
        head.next_offset
    ) AS low,
    head.next_offset AS high
FROM log_head AS head
WHERE head.partition = $1::integer;
