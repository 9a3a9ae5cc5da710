-- store.ledger.load.apis
SELECT k.ord, n.key, n.realm, n.id, n.identifier, n.name, n.settings, n.system, n.declared, n.changed_seq
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, handle, ord)
CROSS JOIN LATERAL (
    SELECT *
    FROM namespaces AS by_id
    WHERE by_id.tenant = k.tenant AND by_id.realm = k.realm AND by_id.id = k.handle
    UNION ALL
    SELECT *
    FROM namespaces AS by_identifier
    WHERE by_identifier.tenant = k.tenant
        AND by_identifier.realm = k.realm
        AND by_identifier.identifier = k.handle
    OFFSET 0
) AS n
