-- store.entries.history.api_names
-- The other names of APIs: one that is asked for by its id bore its identifier only while it
-- lived; one that is asked for by its identifier is every API that ever bore it. Ranges of one
-- name, in order: of two indexes that look alike on empty tables only one gives that order.
SELECT
    k.realm,
    h.identifier AS id,
    min(h.from_seq) AS first_seq,
    CASE WHEN bool_or(h.to_seq IS NULL) THEN NULL ELSE max(h.to_seq) END AS last_seq
FROM unnest($2::smallint[], $3::text[]) AS k (realm, name)
CROSS JOIN LATERAL (
    SELECT t.identifier, t.from_seq, t.to_seq
    FROM namespaces_history AS t
    WHERE t.tenant = $1 AND t.realm = k.realm AND t.id >= k.name AND t.id <= k.name
    ORDER BY t.id
    OFFSET 0
) AS h
GROUP BY k.realm, h.identifier
UNION ALL
SELECT
    k.realm,
    h.id,
    0::bigint AS first_seq,
    NULL::bigint AS last_seq
FROM unnest($2::smallint[], $3::text[]) AS k (realm, name)
CROSS JOIN LATERAL (
    SELECT DISTINCT borne.id
    FROM (
        SELECT t.id
        FROM namespaces_history AS t
        WHERE t.tenant = $1
            AND t.realm = k.realm
            AND t.identifier >= k.name
            AND t.identifier <= k.name
        ORDER BY t.identifier
        OFFSET 0
    ) AS borne
) AS h;
