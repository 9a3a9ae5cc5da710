-- bench.history.fill
-- Appends to the log what follows entry $1, up to entry $2: the last two records again and again, in
-- which user 0 got a role and lost it. Every $3-th entry is of user 1; of all others each gets the
-- role and loses it, one after the other.
WITH template AS (
    SELECT
        r.partition, r.log_time, r.key, r.headers,
        r.value::json ->> 'command_id' AS command_id, r.value,
        r.number = 1 AS is_loss
    FROM (
        SELECT
            t.partition, t.log_time, t.key, t.headers, convert_from(t.value, 'UTF8') AS value,
            row_number() OVER (ORDER BY t.log_offset DESC) AS number
        FROM log_record AS t
        WHERE t.key = $4::bytea
    ) AS r
    WHERE r.number <= 2
), entry AS (
    SELECT
        s.n,
        CASE WHEN s.n % $3::bigint = 0 THEN 1 ELSE 2 + s.other / 2 % ($5::bigint - 2) END AS who,
        CASE WHEN s.n % $3::bigint = 0 THEN s.n / $3::bigint % 2 = 0 ELSE s.other % 2 = 1 END AS is_loss
    FROM (
        SELECT g.n, g.n - $1::bigint - 1 - (g.n - 1) / $3::bigint AS other
        FROM generate_series($1::bigint + 1, $2::bigint) AS g (n)
    ) AS s
), head AS (
    UPDATE log_head AS h
    SET next_offset = h.next_offset + ($2::bigint - $1::bigint)
    FROM template AS t
    WHERE h.partition = t.partition AND t.is_loss
    RETURNING h.partition, h.next_offset
), appended AS (
    INSERT INTO log_record (partition, log_offset, log_time, key, value, headers)
    SELECT
        h.partition, h.next_offset - ($2::bigint - e.n) - 1, t.log_time, t.key,
        convert_to(
            replace(
                replace(t.value, 'user-0000', 'user-' || lpad(e.who::text, 4, '0')),
                t.command_id, gen_random_uuid()::text
            ),
            'UTF8'
        ),
        t.headers
    FROM head AS h
    CROSS JOIN entry AS e
    INNER JOIN template AS t ON t.is_loss = e.is_loss
)
SELECT pg_notify('writ_log', h.partition || ' ' || h.next_offset) AS notified
FROM head AS h;
