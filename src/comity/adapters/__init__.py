"""The outside world behind the ports: SQLite, files, keys, age, HTTP, the event-log process."""
