-- store.rebuild.definitions
-- $1 tables, as the search path finds them; $2 the schema in which they are to be made.
-- The largest table first; within a table what rests on a constraint first.
WITH wanted AS (
    SELECT t.relation, c.oid, n.nspname, pg_total_relation_size(c.oid) AS bytes
    FROM unnest($1::text[]) AS t (relation)
    JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(t.relation))
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
), found AS (
    SELECT
        w.relation, w.bytes, 0 AS rank, k.conname::text AS name,
        format(
            'ALTER TABLE %I.%I ADD CONSTRAINT %I %s',
            $2::text, w.relation, k.conname, pg_get_constraintdef(k.oid)
        ) AS make,
        format('ALTER TABLE %I.%I DROP CONSTRAINT %I', w.nspname, w.relation, k.conname) AS unmake
    FROM wanted AS w
    JOIN pg_constraint AS k ON k.conrelid = w.oid AND k.contype IN ('p', 'u', 'x')
    UNION ALL
    SELECT
        w.relation, w.bytes, 1 AS rank, i.relname::text AS name,
        format(
            'CREATE %sINDEX %I ON %I.%I %s',
            CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END,
            i.relname, $2::text, w.relation,
            substring(pg_get_indexdef(i.oid) FROM ' (USING .*)$')
        ) AS make,
        format('DROP INDEX %I.%I', w.nspname, i.relname) AS unmake
    FROM wanted AS w
    JOIN pg_index AS x ON x.indrelid = w.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid
    WHERE NOT EXISTS (
        SELECT 1
        FROM pg_constraint AS k
        WHERE k.conrelid = w.oid AND k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')
    )
)
SELECT relation, name, make, unmake
FROM found
ORDER BY bytes DESC, relation, rank, name
