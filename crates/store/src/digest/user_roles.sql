-- store.digest.user_roles
SELECT e.user_key AS holder_key, e.role_key AS held_key, e.changed_seq
FROM user_roles AS e
WHERE e.tenant = $1
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.tenant = e.tenant AND u.key = e.user_key)
    AND EXISTS (SELECT 1 FROM roles AS r WHERE r.tenant = e.tenant AND r.key = e.role_key)
ORDER BY e.user_key, e.role_key
