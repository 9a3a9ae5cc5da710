-- That deciding has stopped, for every process to see.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- Why the last owner stopped deciding, until one decides on or the log is restored: meanwhile
-- nobody appends commands. Null while all is well.
ALTER TABLE ledger_cursor ADD COLUMN halted text NULL;
