-- store.rebuild.lock
-- Held by the connection that took it, until that ends.
SELECT pg_advisory_lock(8607064233174655588)
