-- store.entries.heads
SELECT k.tenant, h.tenant_seq, h.chain8, h.log_time
FROM unnest($1::text[]) AS k (tenant)
CROSS JOIN LATERAL (
    SELECT t.tenant_seq, t.chain8, t.log_time
    FROM tenant_head AS t
    WHERE t.tenant = k.tenant
    OFFSET 0
) AS h;
