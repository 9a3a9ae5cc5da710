-- store.members.lives
-- $1 owner, $2 how long its word holds, in seconds. Gives the number of those who live.
WITH mine AS (
    INSERT INTO projector_member AS member (owner, lives_until)
    VALUES ($1, clock_timestamp() + $2::double precision * interval '1 second')
    ON CONFLICT (owner) DO UPDATE SET lives_until = excluded.lives_until
    RETURNING 1
),

gone AS (
    DELETE FROM projector_member
    WHERE lives_until < clock_timestamp() - interval '1 hour' AND owner <> $1
)

SELECT 1 + count(*) AS members
FROM projector_member
WHERE lives_until > clock_timestamp() AND owner <> $1
