-- store.ledger.entries.heads
INSERT INTO tenant_head (tenant, partition, tenant_seq, chain8, log_time)
SELECT tenant, partition, tenant_seq, chain8, log_time
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bytea[], $5::timestamptz[])
    AS wanted (tenant, partition, tenant_seq, chain8, log_time)
ON CONFLICT (tenant) DO UPDATE SET
    tenant_seq = excluded.tenant_seq,
    chain8 = excluded.chain8,
    log_time = excluded.log_time
