-- store.ledger.entries.idempotency_keys
INSERT INTO idempotency_key (tenant, caller, key, fingerprint, tenant_seq, log_time)
SELECT tenant, caller, key, fingerprint, tenant_seq, log_time
FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::timestamptz[])
    AS wanted (tenant, caller, key, fingerprint, tenant_seq, log_time)
ON CONFLICT (tenant, caller, key) DO UPDATE SET
    fingerprint = excluded.fingerprint,
    tenant_seq = excluded.tenant_seq,
    log_time = excluded.log_time
