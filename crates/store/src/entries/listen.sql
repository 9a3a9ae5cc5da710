-- store.entries.listen
LISTEN writ_entries;
