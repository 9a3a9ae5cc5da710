-- store.log.read
SELECT log_offset, log_time, key, value, headers
FROM log_record
WHERE partition = $1::integer AND log_offset = $2::bigint;
