-- store.entries.scan
-- Contiguous from $2 on, as many as $4 bytes hold; the first always.
SELECT
    e.partition, e.seq, e.tenant, e.tenant_seq, e.log_offset, e.log_time, e.command_id, e.kind,
    e.subject, e.outcome_json, e.facts_json, e.record_key, e.record_value, e.record_headers,
    e.rules_version, e.leaf, e.chain
FROM (
    SELECT
        x.*,
        sum(x.size) OVER (ORDER BY x.seq ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT
            l.partition, l.seq, l.tenant, l.tenant_seq, l.log_offset, l.log_time, l.command_id,
            l.kind, l.subject, l.outcome_json, l.facts_json, l.record_key, l.record_value,
            l.record_headers, l.rules_version, l.leaf, l.chain,
            octet_length(l.record_value) + octet_length(l.facts_json) AS size
        FROM ledger_entry AS l
        WHERE l.partition = $1 AND l.seq >= $2::bigint
        ORDER BY l.seq
        LIMIT $3::bigint
    ) AS x
) AS e
WHERE e.bytes <= $4::bigint OR e.seq = $2::bigint
ORDER BY e.seq;
