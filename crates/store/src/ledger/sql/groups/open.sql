-- store.ledger.groups.open
INSERT INTO groups_history (tenant, key, from_seq, to_seq, realm, id, name, kind)
SELECT tenant, key, from_seq, to_seq, realm, id, name, kind
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::text[], $8::text[])
    AS wanted (tenant, key, from_seq, to_seq, realm, id, name, kind)
