-- store.ledger.roles.insert
INSERT INTO roles (tenant, key, realm, id, name, description, guard, system, active, saved_seq, changed_seq)
SELECT tenant, key, realm, id, name, description, guard, system, active, saved_seq, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::boolean[], $10::bigint[], $11::bigint[])
    AS wanted (tenant, key, realm, id, name, description, guard, system, active, saved_seq, changed_seq)
