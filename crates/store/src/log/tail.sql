-- store.log.tail
-- Offsets are dense, so a range of them is a limit on the records, and the primary key serves it
-- by itself: no LIMIT, no sort. The first record passes whatever its size.
SELECT counted.log_offset, counted.log_time, counted.key, counted.value, counted.headers
FROM (
    SELECT
        record.log_offset, record.log_time, record.key, record.value, record.headers,
        sum(
            64 + octet_length(record.key) + octet_length(record.value)
            + octet_length(record.headers)
        ) OVER (ORDER BY record.log_offset ROWS UNBOUNDED PRECEDING) AS bytes
    FROM log_record AS record
    WHERE record.partition = $1::integer
        AND record.log_offset >= $2::bigint
        AND record.log_offset < $3::bigint
) AS counted
WHERE counted.bytes <= $4::bigint OR counted.log_offset = $2::bigint
ORDER BY counted.log_offset;
