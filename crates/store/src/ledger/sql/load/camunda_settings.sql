-- store.ledger.load.camunda_settings
SELECT k.ord, s.revoke_mode, s.changed_seq
FROM unnest($1::text[]) WITH ORDINALITY AS k (tenant, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM camunda_settings
    WHERE camunda_settings.tenant = k.tenant
    OFFSET 0
) AS s
