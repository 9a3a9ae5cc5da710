-- store.ledger.load.heads
SELECT k.ord, h.tenant_seq
FROM unnest($1::text[])
    WITH ORDINALITY AS k (tenant, ord)
CROSS JOIN LATERAL (
    SELECT tenant_head.tenant_seq
    FROM tenant_head
    WHERE tenant_head.tenant = k.tenant
    OFFSET 0
) AS h
