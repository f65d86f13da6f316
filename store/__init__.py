"""Tables, queries and migrations: the event log on disk and everything that is read from it."""
