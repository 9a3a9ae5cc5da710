-- store.ledger.load.last_changed
SELECT k.ord, e.tenant_seq
FROM unnest($1::text[], $2::smallint[], $3::smallint[], $4::text[])
    WITH ORDINALITY AS k (tenant, realm, kind, id, ord)
CROSS JOIN LATERAL (
    SELECT entry_noun.tenant_seq
    FROM entry_noun
    WHERE entry_noun.tenant = k.tenant
        AND entry_noun.realm = k.realm
        AND entry_noun.kind = k.kind
        AND entry_noun.id = k.id
        AND entry_noun.changed
    ORDER BY entry_noun.tenant_seq DESC
    LIMIT 1
) AS e
