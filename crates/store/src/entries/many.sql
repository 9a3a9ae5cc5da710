-- store.entries.many
-- In the order asked for, as many as $3 bytes hold; the first always.
SELECT
    e.partition, e.seq, e.tenant, e.tenant_seq, e.log_offset, e.log_time, e.command_id, e.kind,
    e.subject, e.outcome_json, e.facts_json, e.record_key, e.record_value, e.record_headers,
    e.rules_version, e.leaf, e.chain
FROM (
    SELECT
        x.*,
        k.n,
        sum(x.size) OVER (ORDER BY k.n ROWS UNBOUNDED PRECEDING) AS bytes
    FROM unnest($2::bigint[]) WITH ORDINALITY AS k (tenant_seq, n)
    CROSS JOIN LATERAL (
        SELECT t.partition, t.seq
        FROM entry_position AS t
        WHERE t.tenant = $1 AND t.tenant_seq = k.tenant_seq
        OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (
        SELECT
            l.partition, l.seq, l.tenant, l.tenant_seq, l.log_offset, l.log_time, l.command_id,
            l.kind, l.subject, l.outcome_json, l.facts_json, l.record_key, l.record_value,
            l.record_headers, l.rules_version, l.leaf, l.chain,
            octet_length(l.record_value) + octet_length(l.facts_json) AS size
        FROM ledger_entry AS l
        WHERE l.partition = p.partition AND l.seq = p.seq
        OFFSET 0
    ) AS x
) AS e
WHERE e.bytes <= $3::bigint OR e.n = 1
ORDER BY e.n;
