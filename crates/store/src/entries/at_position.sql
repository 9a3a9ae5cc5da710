-- store.entries.at_position
SELECT
    e.partition, e.seq, e.tenant, e.tenant_seq, e.log_offset, e.log_time, e.command_id, e.kind,
    e.subject, e.outcome_json, e.facts_json, e.record_key, e.record_value, e.record_headers,
    e.rules_version, e.leaf, e.chain
FROM ledger_entry AS e
WHERE e.partition = $1 AND e.seq = $2;
