-- store.log.session
-- An acknowledged append is on disk: a database that was set to answer earlier is overruled.
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local');
SET default_transaction_isolation = 'read committed';
-- Below the client's patience, so that a head locked by another yields a definite no.
SET lock_timeout = '3s';
-- A plan made while the tables are empty would scan them whole for as long as it is kept.
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_sort = off;
SET jit = off;
