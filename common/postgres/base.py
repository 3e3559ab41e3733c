"""The backend that ``DATABASES`` names: PostgreSQL's own, with our compiler."""

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations


class DatabaseOperations(PostgresOperations):
    compiler_module = "common.postgres.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    @property
    def queries_logged(self) -> bool:
        """With DEBUG Django would keep the last 9,000 statements of each thread's connection, with
        their parameters: personal data, and megabytes in threads that live long. Only tests that
        count statements ask for it."""
        return bool(self.force_debug_cursor)
