-- store.ledger.roles.open
INSERT INTO roles_history (tenant, key, from_seq, to_seq, realm, id, name, description, guard, system, active, saved_seq)
SELECT tenant, key, from_seq, to_seq, realm, id, name, description, guard, system, active, saved_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[], $12::bigint[])
    AS wanted (tenant, key, from_seq, to_seq, realm, id, name, description, guard, system, active, saved_seq)
