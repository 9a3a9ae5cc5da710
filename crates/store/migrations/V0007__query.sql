-- What readers ask: the entries of one actor.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ledger_entry_actor ON ledger_entry (tenant, subject, tenant_seq);
