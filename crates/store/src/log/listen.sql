-- store.log.listen
LISTEN writ_log;
