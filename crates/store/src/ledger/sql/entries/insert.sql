-- store.ledger.entries.insert
INSERT INTO ledger_entry (
    partition, seq, tenant, tenant_seq, log_offset, log_time, command_id, kind, subject, outcome, outcome_json, facts_json, record_key, record_value, record_headers, rules_version, leaf, chain
)
SELECT
    partition, seq, tenant, tenant_seq, log_offset, log_time, command_id, kind, subject, outcome, outcome_json, facts_json, record_key, record_value, record_headers, rules_version, leaf, chain
FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::bytea[], $15::bytea[], $16::integer[], $17::bytea[], $18::bytea[])
    AS wanted (
        partition, seq, tenant, tenant_seq, log_offset, log_time, command_id, kind, subject, outcome, outcome_json, facts_json, record_key, record_value, record_headers, rules_version, leaf, chain
    )
