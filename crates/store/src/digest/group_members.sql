-- store.digest.group_members
SELECT e.user_key AS holder_key, e.group_key AS held_key, e.changed_seq
FROM group_members AS e
WHERE e.tenant = $1
    AND EXISTS (
        SELECT 1
        FROM users AS x
        WHERE x.tenant = e.tenant AND x.key = e.user_key
    )
    AND EXISTS (
        SELECT 1
        FROM groups AS x
        WHERE x.tenant = e.tenant AND x.key = e.group_key
    )
ORDER BY e.user_key, e.group_key
