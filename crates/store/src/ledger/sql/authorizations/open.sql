-- store.ledger.authorizations.open
INSERT INTO authorizations_history (tenant, key, from_seq, to_seq, id, kind, user_id, group_id, resource_type, resource_id, permissions)
SELECT tenant, key, from_seq, to_seq, id, kind, user_id, group_id, resource_type, resource_id, permissions
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::smallint[], $7::text[], $8::text[], $9::integer[], $10::text[], $11::integer[])
    AS wanted (tenant, key, from_seq, to_seq, id, kind, user_id, group_id, resource_type, resource_id, permissions)
