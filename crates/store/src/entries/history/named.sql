-- store.entries.history.named
-- Which of the entries $2 concern one of these nouns.
SELECT
    c.tenant_seq,
    bool_or(x.changed) AS changed
FROM unnest($2::bigint[]) AS c (tenant_seq)
CROSS JOIN unnest($3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[])
    AS k (realm, kind, id, first_seq, last_seq)
CROSS JOIN LATERAL (
    SELECT t.changed
    FROM entry_noun AS t
    WHERE
        t.tenant = $1 AND t.realm = k.realm AND t.kind = k.kind AND t.id = k.id
        AND t.tenant_seq = c.tenant_seq
    OFFSET 0
) AS x
WHERE c.tenant_seq >= k.first_seq AND c.tenant_seq <= k.last_seq
GROUP BY c.tenant_seq;
