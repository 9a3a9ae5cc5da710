-- store.digest.history_group_members
SELECT e.user_key AS holder_key, e.group_key AS held_key, e.from_seq AS changed_seq
FROM group_members_history AS e
WHERE e.tenant = $1 AND e.to_seq IS NULL
    AND EXISTS (
        SELECT 1
        FROM users_history AS x
        WHERE x.tenant = e.tenant AND x.key = e.user_key AND x.to_seq IS NULL
    )
    AND EXISTS (
        SELECT 1
        FROM groups_history AS x
        WHERE x.tenant = e.tenant AND x.key = e.group_key AND x.to_seq IS NULL
    )
ORDER BY e.user_key, e.group_key
