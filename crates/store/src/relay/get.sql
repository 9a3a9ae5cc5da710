-- store.relay.get
SELECT seq, log_offset, anchor
FROM relay_cursor
WHERE partition = $1;
