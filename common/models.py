"""Base class of every model: a bigint key, the time of creation and of the last update
[source tables 2 to 9].

The database sets both times, so they are right whichever way a row is written: by the ORM, by COPY
or by hand.
"""

from django.db import models
from django.db.migrations.operations import RunSQL
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION tm_keep_utime() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.utime := clock_timestamp();
    RETURN NEW;
END $$
"""

# the names are qualified, because a temporary table may be called pg_class
CREATE_APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION tm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_catalog.pg_has_role(current_user, (
        SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID
    ), 'USAGE') THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$
"""


class TimestampedModel(models.Model):
    """Has ``id``, ``wtime`` (when the row was created) and ``utime`` (when it was last updated)."""

    id = models.BigAutoField(primary_key=True)
    wtime = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    utime = models.DateTimeField(_("updated"), db_default=Now(), editable=False)

    class Meta:
        abstract = True


def one_of(field: str, values: list[str] | type[models.TextChoices]) -> Q:
    """The condition of a CHECK constraint: ``field`` has one of the values."""
    known = values if isinstance(values, list) else values.values
    return Q(**{f"{field}__in": known})


def keep_utime_function() -> RunSQL:
    """The operation that creates the trigger function; one migration contains it."""
    return RunSQL(CREATE_FUNCTION, "DROP FUNCTION tm_keep_utime()")


def keep_utime(*tables: str) -> list[RunSQL]:
    """Operations that create triggers: every UPDATE of these tables sets ``utime``."""
    return [
        RunSQL(
            f'CREATE TRIGGER keep_utime BEFORE UPDATE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION tm_keep_utime()",
            f'DROP TRIGGER keep_utime ON "{table}"',
        )
        for table in tables
    ]


def append_only_function() -> RunSQL:
    """The operation that creates the function of ``append_only``; one migration contains it."""
    return RunSQL(CREATE_APPEND_ONLY_FUNCTION, "DROP FUNCTION tm_append_only()")


def append_only(*tables: str) -> list[RunSQL]:
    """Operations that create triggers: only the owner of these tables can change, delete or
    truncate rows. Other roles can do nothing but add and read, whatever they were granted.
    """
    return [
        RunSQL(
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            " FOR EACH STATEMENT EXECUTE FUNCTION tm_append_only()",
            f'DROP TRIGGER append_only ON "{table}"',
        )
        for table in tables
    ]
