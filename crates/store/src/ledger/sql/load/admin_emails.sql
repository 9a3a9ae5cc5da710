-- store.ledger.load.admin_emails
SELECT k.ord, a.key, a.id, a.email, a.name, a.password, a.token_version, a.metadata, a.changed_seq
FROM unnest($1::text[], $2::text[])
    WITH ORDINALITY AS k (tenant, email, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM admins
    WHERE admins.tenant = k.tenant AND admins.email = k.email
    OFFSET 0
) AS a
