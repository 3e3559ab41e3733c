"""What every table of this system has: a bigint key, the time of creation and of the last update.

Both times are the database's own, so they are right whichever way a row is written: by the ORM, by
COPY or by hand (specification, tables 2 to 9).
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


class TimestampedModel(models.Model):
    """Abstract base of every model."""

    id = models.BigAutoField(primary_key=True)
    wtime = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    utime = models.DateTimeField(_("updated"), db_default=Now(), editable=False)

    class Meta:
        abstract = True


def one_of(field: str, values: list[str] | type[models.TextChoices]) -> Q:
    """The CHECK condition that keeps ``field`` within its enumeration."""
    known = values if isinstance(values, list) else values.values
    return Q(**{f"{field}__in": known})


def keep_utime_function() -> RunSQL:
    """The trigger function, made once by the lowest migration."""
    return RunSQL(CREATE_FUNCTION, "DROP FUNCTION tm_keep_utime()")


def keep_utime(*tables: str) -> list[RunSQL]:
    """Operations that make ``utime`` of each table follow every UPDATE."""
    return [
        RunSQL(
            f'CREATE TRIGGER keep_utime BEFORE UPDATE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION tm_keep_utime()",
            f'DROP TRIGGER keep_utime ON "{table}"',
        )
        for table in tables
    ]
