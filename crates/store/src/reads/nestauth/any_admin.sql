-- store.reads.nestauth.any_admin
-- $1 tenant
SELECT EXISTS (SELECT 1 FROM admins a WHERE a.tenant = $1) AS found
