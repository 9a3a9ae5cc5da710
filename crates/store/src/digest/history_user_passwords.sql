-- store.digest.history_user_passwords
SELECT e.user_key, e.hash, e.from_seq AS changed_seq
FROM user_passwords_history AS e
WHERE e.tenant = $1 AND e.to_seq IS NULL
    AND EXISTS (
        SELECT 1
        FROM users_history AS x
        WHERE x.tenant = e.tenant AND x.key = e.user_key AND x.to_seq IS NULL
    )
ORDER BY e.user_key
