-- store.ledger.load.links
-- All that a subject is linked with, itself included.
SELECT k.ord, m.key, m.link_key, m.realm, m.subject, m.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, subject, ord)
CROSS JOIN LATERAL (
    SELECT linked_subjects.link_key
    FROM linked_subjects
    WHERE linked_subjects.tenant = k.tenant
        AND linked_subjects.realm = k.realm
        AND linked_subjects.subject = k.subject
    OFFSET 0
) AS l
CROSS JOIN LATERAL (
    SELECT *
    FROM linked_subjects AS every
    WHERE every.tenant = k.tenant AND every.link_key = l.link_key
    OFFSET 0
) AS m
