-- store.entries.effects.authorizations_opened
-- The entries that opened what the authorizations $3 were before $2.
SELECT
    k.key,
    h.from_seq
FROM unnest($3::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT t.from_seq
    FROM authorizations_history AS t
    WHERE t.tenant = $1 AND t.key = k.key AND t.from_seq < $2
    ORDER BY t.from_seq DESC
    LIMIT 1
) AS h;
