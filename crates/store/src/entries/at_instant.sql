-- store.entries.at_instant
-- The newest entry at or before an instant, zero where all are after it, and whether an entry to
-- come may be at or before it. By halves, since times only grow with the numbers of entries.
WITH RECURSIVE halves (low, high) AS (
    SELECT 0::bigint, h.tenant_seq
    FROM tenant_head AS h
    WHERE h.tenant = $1
    UNION ALL
    SELECT
        CASE WHEN t.log_time <= $2 THEN m.middle ELSE s.low END,
        CASE WHEN t.log_time <= $2 THEN s.high ELSE m.middle - 1 END
    FROM halves AS s
    CROSS JOIN LATERAL (SELECT (s.low + s.high + 1) / 2 AS middle) AS m
    CROSS JOIN LATERAL (
        SELECT p.log_time
        FROM entry_position AS p
        WHERE p.tenant = $1 AND p.tenant_seq = m.middle
        OFFSET 0
    ) AS t
    WHERE s.low < s.high
)
SELECT
    s.low AS tenant_seq,
    p.log_time,
    substr(l.chain, 1, 8) AS chain8,
    coalesce(c.log_time <= $2, true) AS provisional
FROM halves AS s
CROSS JOIN LATERAL (
    SELECT h.partition
    FROM tenant_head AS h
    WHERE h.tenant = $1
    OFFSET 0
) AS h
LEFT JOIN LATERAL (
    SELECT x.log_time
    FROM ledger_cursor AS x
    WHERE x.partition = h.partition
    OFFSET 0
) AS c ON true
LEFT JOIN LATERAL (
    SELECT x.partition, x.seq, x.log_time
    FROM entry_position AS x
    WHERE x.tenant = $1 AND x.tenant_seq = s.low
    OFFSET 0
) AS p ON true
LEFT JOIN LATERAL (
    SELECT x.chain
    FROM ledger_entry AS x
    WHERE x.partition = p.partition AND x.seq = p.seq
    OFFSET 0
) AS l ON true
WHERE s.low = s.high;
