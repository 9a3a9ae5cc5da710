-- store.ledger.linked_subjects.insert
INSERT INTO linked_subjects (tenant, key, link_key, realm, subject, changed_seq)
SELECT tenant, key, link_key, realm, subject, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::bigint[])
    AS wanted (tenant, key, link_key, realm, subject, changed_seq)
