"""How names get into a query."""

import re

from django.db.backends.postgresql import compiler
from django.db.backends.postgresql.compiler import (
    SQLAggregateCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]

OUR_TABLE = re.compile(r"tm\$[a-z_]+")


class SQLCompiler(compiler.SQLCompiler):
    def quote_name_unless_alias(self, name: str) -> str:
        # Django 5.2's security releases refuse every name with a dollar, to keep aliases that a
        # client made up out of a query, where they stand without quotes. A name of this form is a
        # table of the source and is always quoted; any other dollar is refused as before.
        if OUR_TABLE.fullmatch(name):
            return self.connection.ops.quote_name(name)
        return super().quote_name_unless_alias(name)
