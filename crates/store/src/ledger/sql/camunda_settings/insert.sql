-- store.ledger.camunda_settings.insert
INSERT INTO camunda_settings (tenant, revoke_mode, changed_seq)
SELECT tenant, revoke_mode, changed_seq
FROM unnest($1::text[], $2::text[], $3::bigint[])
    AS wanted (tenant, revoke_mode, changed_seq)
