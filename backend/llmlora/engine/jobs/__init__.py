"""Jobs in PostgreSQL: claimed and fenced, run on a host, their events relayed and numbered, and a worker that does it."""
