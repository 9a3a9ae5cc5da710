-- store.entries.by_commands
-- SUBTLE: the LATERAL … OFFSET 0 keep the plan from scanning a table's whole index, which it
-- does for ever after if it was made while the tables were empty.
SELECT
    e.asked_for,
    e.partition, e.seq, e.tenant, e.tenant_seq, e.log_offset, e.log_time, e.command_id, e.kind,
    e.subject, e.outcome_json, e.facts_json, e.record_key, e.record_value, e.record_headers,
    e.rules_version, e.leaf, e.chain
FROM (
    SELECT
        x.*,
        k.command_id AS asked_for,
        k.n,
        sum(octet_length(x.record_value)::bigint + octet_length(x.facts_json))
            OVER (ORDER BY k.n) AS bytes
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS k (tenant, command_id, n)
    CROSS JOIN LATERAL (
        SELECT t.tenant_seq
        FROM command_outcome AS t
        WHERE t.tenant = k.tenant AND t.command_id = k.command_id
        OFFSET 0
    ) AS o
    CROSS JOIN LATERAL (
        SELECT t.partition, t.seq
        FROM entry_position AS t
        WHERE t.tenant = k.tenant AND t.tenant_seq = o.tenant_seq
        OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (
        SELECT
            l.partition, l.seq, l.tenant, l.tenant_seq, l.log_offset, l.log_time, l.command_id,
            l.kind, l.subject, l.outcome_json, l.facts_json, l.record_key, l.record_value,
            l.record_headers, l.rules_version, l.leaf, l.chain
        FROM ledger_entry AS l
        WHERE l.partition = p.partition AND l.seq = p.seq
        OFFSET 0
    ) AS x
) AS e
WHERE e.bytes <= $3::bigint OR e.bytes = octet_length(e.record_value)::bigint + octet_length(e.facts_json)
ORDER BY e.n;
