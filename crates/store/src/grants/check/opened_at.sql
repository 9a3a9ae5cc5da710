) AS x
CROSS JOIN LATERAL (
    SELECT
        t.partition AS opened_partition,
        t.seq AS opened_position,
        t.log_time AS opened_at
    FROM entry_position AS t
    WHERE t.tenant = $1 AND t.tenant_seq = x.opened_seq
    OFFSET 0
) AS o;
