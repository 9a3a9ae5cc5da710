-- store.ledger.groups.insert
INSERT INTO groups (tenant, key, realm, id, name, kind, changed_seq)
SELECT tenant, key, realm, id, name, kind, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[])
    AS wanted (tenant, key, realm, id, name, kind, changed_seq)
