-- store.rebuild.shapes
-- $1 tables, as the search path finds them; $2 the schema in which they are to be made anew:
-- columns, storage, owner and rights, without indexes and rows.
WITH wanted AS (
    SELECT t.ord, t.relation, n.nspname, c.relowner, c.relacl, c.reloptions
    FROM unnest($1::text[]) WITH ORDINALITY AS t (relation, ord)
    JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(t.relation))
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
), steps AS (
    SELECT
        w.ord, 0 AS step,
        format(
            'CREATE TABLE %I.%I (LIKE %I.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING '
            'GENERATED INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS)%s',
            $2::text, w.relation, w.nspname, w.relation,
            ' WITH (' || array_to_string(w.reloptions, ', ') || ')'
        ) AS statement
    FROM wanted AS w
    UNION ALL
    SELECT
        w.ord, 1 AS step,
        format(
            'ALTER TABLE %I.%I OWNER TO %I', $2::text, w.relation, pg_get_userbyid(w.relowner)
        ) AS statement
    FROM wanted AS w
    WHERE pg_get_userbyid(w.relowner) <> current_user
    UNION ALL
    SELECT
        w.ord, 2 AS step,
        format(
            'GRANT %s ON %I.%I TO %s%s', a.privilege_type, $2::text, w.relation,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        ) AS statement
    FROM wanted AS w
    CROSS JOIN LATERAL aclexplode(w.relacl) AS a
)
SELECT statement
FROM steps
ORDER BY ord, step, statement
