-- store.ledger.authorizations.insert
INSERT INTO authorizations (tenant, key, id, kind, user_id, group_id, resource_type, resource_id, permissions, changed_seq)
SELECT tenant, key, id, kind, user_id, group_id, resource_type, resource_id, permissions, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::integer[], $10::bigint[])
    AS wanted (tenant, key, id, kind, user_id, group_id, resource_type, resource_id, permissions, changed_seq)
