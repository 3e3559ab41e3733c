"""System check of the database: can the application change what it must only add to."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection

from apps.campaigns.models import Decision

OWNS_THE_LEDGER = """
SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(%s)
"""


@register(Tags.database, deploy=True)
def ledger_is_append_only(
    databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """A superuser and the owner of the table can change the ledger; the application is neither."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute(OWNS_THE_LEDGER, [f'"{Decision._meta.db_table}"'])
        found = cursor.fetchone()
    if found is None or not found[0]:
        return []
    return [
        checks.Warning(
            "DATABASE_URL names a role that can change the ledger of decisions.",
            hint="docs/database.md tells how to give the application a role of its own.",
            id="campaigns.W001",
        )
    ]
