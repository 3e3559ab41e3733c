"""Django's PostgreSQL backend, made to accept the source's table names (``tm$operators``)."""
