-- store.log.append
-- One statement, so that it is one round trip and one commit.
-- SUBTLE: the time is taken in RETURNING, when the head is locked by us. Taken in a CTE of its
-- own it would be from before the wait for the lock, and steps back would be common.
WITH head AS (
    UPDATE log_head
    SET next_offset = next_offset + cardinality($2::bytea[])
    WHERE partition = $1::integer
    RETURNING
        next_offset - cardinality($2::bytea[]) AS first_offset,
        next_offset,
        clock_timestamp() AS log_time
), appended AS (
    INSERT INTO log_record (partition, log_offset, log_time, key, value, headers)
    SELECT
        $1::integer, head.first_offset + record.number - 1, head.log_time,
        record.key, record.value, record.headers
    FROM head
    CROSS JOIN unnest($2::bytea[], $3::bytea[], $4::bytea[])
        WITH ORDINALITY AS record (key, value, headers, number)
)
SELECT
    head.first_offset,
    head.log_time,
    pg_notify('writ_log', $1::integer || ' ' || head.next_offset) AS notified
FROM head;
