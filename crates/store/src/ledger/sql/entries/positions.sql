-- store.ledger.entries.positions
INSERT INTO entry_position (tenant, tenant_seq, partition, seq, log_time)
SELECT tenant, tenant_seq, partition, seq, log_time
FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::bigint[], $5::timestamptz[])
    AS wanted (tenant, tenant_seq, partition, seq, log_time)
