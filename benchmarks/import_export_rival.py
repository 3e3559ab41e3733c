"""The import by django-import-export, as its admin page does it: what the ratio is measured
against.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import tablib  # type: ignore[import-untyped]
from import_export.resources import ModelResource
from import_export.results import RowResult

from apps.filters.models import Application
from apps.filters.types import LOAN_STATUS_SYNONYMS
from common.clock import MOSCOW

MOMENTS = ("created", "changed", "loan_changed")


class ApplicationResource(ModelResource):  # type: ignore[misc]
    """All columns of the file; dates and times are joined, duplicates are found by
    application number.
    """

    class Meta:
        model = Application
        import_id_fields = ("application_number",)
        exclude = ("id", "wtime", "utime")
        use_transactions = True

    def before_import_row(self, row: dict[str, Any], **_kwargs: Any) -> None:
        for name in MOMENTS:
            day, time = row.pop(f"{name}_date"), row.pop(f"{name}_time")
            row[f"{name}_at"] = _moment(day, time)
        if row["birth_date"]:
            row["birth_date"] = datetime.strptime(row["birth_date"], "%d.%m.%Y").date()  # noqa: DTZ007
        row["loan_status"] = LOAN_STATUS_SYNONYMS.get(row["loan_status"], row["loan_status"])
        row.update(stream="MOBILE_LOANS", file_id=1, line_number=1)


def _moment(day: str, time: str) -> datetime | None:
    if not day:
        return None
    return datetime.strptime(f"{day} {time}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=MOSCOW)


def import_as_the_admin_does(file: Path) -> None:
    """A dry run, which the page shows to be confirmed, and then the import."""
    for dry_run in (True, False):
        rows = tablib.Dataset().load(file.read_text(encoding="utf-8"), format="csv", delimiter=";")
        # the page's own way: errors are shown, changes are compared for the preview
        result = ApplicationResource().import_data(rows, dry_run=dry_run, raise_errors=True)
        if result.totals[RowResult.IMPORT_TYPE_NEW] != len(rows):
            raise AssertionError(f"not all rows were imported: {result.totals}")
