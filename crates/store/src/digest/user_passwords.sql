-- store.digest.user_passwords
SELECT e.user_key, e.hash, e.changed_seq
FROM user_passwords AS e
WHERE e.tenant = $1
    AND EXISTS (
        SELECT 1
        FROM users AS x
        WHERE x.tenant = e.tenant AND x.key = e.user_key
    )
ORDER BY e.user_key
