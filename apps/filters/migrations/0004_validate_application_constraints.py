"""Checks the rows that are there already, under a lock that lets others read and write."""

import logging

from django.db import IntegrityError, migrations

logger = logging.getLogger(__name__)

ADDED = """
SELECT conname FROM pg_constraint
WHERE conrelid = '"tm$applications"'::regclass AND contype = 'c' AND NOT convalidated
ORDER BY conname
"""


def validate(apps, schema_editor):
    """Validate each constraint. One that an old row breaks stays as it is: it refuses new rows, and
    the old one was accepted by the rules of its time."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ADDED)
        for (name,) in cursor.fetchall():
            try:
                cursor.execute(f'ALTER TABLE "tm$applications" VALIDATE CONSTRAINT "{name}"')
            except IntegrityError:
                logger.warning("%s holds for new applications only: an old one breaks it", name)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('filters', '0003_application_constraints'),
    ]

    operations = [
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
