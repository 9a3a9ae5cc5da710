-- store.rebuild.end_orphans
-- Ends what an earlier run left at work, and waits for its end.
SELECT count(*) FILTER (WHERE NOT pg_terminate_backend(pid, 10000)) AS alive
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'writ-rebuild-work'
