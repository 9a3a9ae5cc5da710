-- store.ledger.load.idempotency_keys
SELECT k.ord, i.fingerprint, i.tenant_seq, i.log_time
FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS k (tenant, caller, key, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM idempotency_key
    WHERE idempotency_key.tenant = k.tenant
        AND idempotency_key.caller = k.caller
        AND idempotency_key.key = k.key
    OFFSET 0
) AS i
