-- store.reads.nestauth.note_login
-- $1 tenant, $2 admin key, $3 when. Not of the ledger: see the table.
INSERT INTO admin_login (tenant, admin_key, last_login_at)
VALUES ($1, $2, $3)
ON CONFLICT (tenant, admin_key) DO UPDATE SET last_login_at = excluded.last_login_at
