-- store.entries.history.oldest
-- One tenant_seq may be reached by several names of a noun: it is one entry. What named it and what
-- changed it are two walks over two indexes that say it all: the rows of a noun lie far apart, each
-- on a page of its own.
SELECT
    x.tenant_seq,
    bool_or(x.changed) AS changed
FROM unnest($2::smallint[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[])
    AS k (realm, kind, id, first_seq, last_seq)
CROSS JOIN LATERAL (
    (
        SELECT t.tenant_seq, false AS changed
        FROM entry_noun AS t
        WHERE
            t.tenant = $1 AND t.realm = k.realm AND t.kind = k.kind AND t.id = k.id
            AND t.tenant_seq >= greatest(k.first_seq, $7::bigint)
            AND t.tenant_seq <= least(k.last_seq, $8::bigint)
        ORDER BY t.tenant_seq ASC
        LIMIT $9::bigint
    )
    UNION ALL
    (
        SELECT t.tenant_seq, true
        FROM entry_noun AS t
        WHERE
            t.tenant = $1 AND t.realm = k.realm AND t.kind = k.kind AND t.id = k.id
            AND t.tenant_seq >= greatest(k.first_seq, $7::bigint)
            AND t.tenant_seq <= least(k.last_seq, $8::bigint)
            AND t.changed
        ORDER BY t.tenant_seq ASC
        LIMIT $9::bigint
    )
) AS x
GROUP BY x.tenant_seq
ORDER BY x.tenant_seq ASC
LIMIT $9::bigint;
