-- store.ledger.linked_subjects.open
INSERT INTO linked_subjects_history (tenant, key, from_seq, to_seq, link_key, realm, subject)
SELECT tenant, key, from_seq, to_seq, link_key, realm, subject
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[], $7::text[])
    AS wanted (tenant, key, from_seq, to_seq, link_key, realm, subject)
