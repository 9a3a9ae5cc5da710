-- store.relay.put
INSERT INTO relay_cursor (partition, seq, log_offset, anchor)
VALUES ($1, $2, $3, $4)
ON CONFLICT (partition) DO UPDATE SET
    seq = excluded.seq,
    log_offset = excluded.log_offset,
    anchor = excluded.anchor;
