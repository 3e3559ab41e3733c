"""Lists that leave the system as files: who may take them, and the record that they did."""

import tempfile
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _

from apps.security.access_log.recording import record_access
from apps.security.throttling import visitor_of
from apps.security.types import EXPORT_LISTS, Access
from common import clock
from common.spreadsheets import Sheet, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY_BYTES = 1_000_000  # a larger file is written to a temporary one that has no name


def export_workbook(request: HttpRequest, *, name: str, sheet: Sheet, subject: str) -> FileResponse:
    """The table as the download ``name`` (.xlsx), with a note of who made it and when.

    The export is recorded in the access log with ``subject``, a model's label in lower case,
    before the first row is read. Raises PermissionDenied for a person without the right
    ``security.export_lists``, RuntimeError within a transaction, and TooManyRowsError.
    """
    operator = request.user
    if operator.pk is None or not operator.has_perm(EXPORT_LISTS):
        raise PermissionDenied
    record_access(visitor_of(request, operator.pk), Access.EXPORTED, subject)
    made = clock.now().astimezone(clock.MOSCOW).strftime("%d.%m.%Y %H:%M:%S")
    notes = [(_("Exported by"), str(operator)), (_("Exported at, Moscow time"), made), *sheet.notes]
    # closed with the response
    target = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115
    write_workbook(target, replace(sheet, notes=notes))  # type: ignore[arg-type]
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
