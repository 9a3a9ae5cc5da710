-- store.ledger.camunda_settings.open
INSERT INTO camunda_settings_history (tenant, from_seq, to_seq, revoke_mode)
SELECT tenant, from_seq, to_seq, revoke_mode
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
    AS wanted (tenant, from_seq, to_seq, revoke_mode)
