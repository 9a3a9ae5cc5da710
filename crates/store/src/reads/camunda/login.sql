-- store.reads.camunda.login
-- $1 tenant, $2 realm, $3 user. No row: no such user.
SELECT
    p.hash,
    p.changed_seq,
    ARRAY(
        SELECT g.id
        FROM group_members AS m
        JOIN groups AS g ON g.tenant = m.tenant AND g.key = m.group_key
        WHERE m.tenant = u.tenant AND m.user_key = u.key
        ORDER BY g.key
    ) AS groups
FROM users AS u
LEFT JOIN user_passwords AS p ON p.tenant = u.tenant AND p.user_key = u.key
WHERE u.tenant = $1 AND u.realm = $2 AND u.id = $3
