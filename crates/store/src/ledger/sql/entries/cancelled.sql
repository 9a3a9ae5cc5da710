-- store.ledger.entries.cancelled
INSERT INTO cancelled_command (tenant, command_id, tenant_seq)
SELECT tenant, command_id, tenant_seq
FROM unnest($1::text[], $2::uuid[], $3::bigint[])
    AS wanted (tenant, command_id, tenant_seq)
