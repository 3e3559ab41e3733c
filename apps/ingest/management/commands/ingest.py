"""Imports a file by hand, or only shows what is wrong in it."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from apps.ingest import services
from apps.ingest.selectors import column_title
from apps.ingest.types import Checked, FileChangedError, FormatError, Progress, StreamBusyError
from common.configuration import ConfigError

BAR_CELLS = 30


def _sentence(error: FormatError) -> str:
    """One line: the place, the value and what was expected."""
    line = _("line %d") % error.line if error.line else ""
    column = (
        f"{error.column} ({column_title(error.column)}) «{error.value}»" if error.column else ""
    )
    place = ", ".join(filter(None, (line, column)))
    return ": ".join(filter(None, (place, error.rule)))


class Command(BaseCommand):
    help = "Import a CSV file into a stream as the poller does; exit code 1 when it is rejected."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--stream", required=True, metavar="NAME")
        parser.add_argument("--check", action="store_true", help="store nothing, say what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        call = services.check_file if options["check"] else services.ingest_file
        try:
            checked = call(options["file"], options["stream"], self._draw)
        except (ConfigError, StreamBusyError) as error:
            raise CommandError(str(error)) from error
        except FileChangedError as error:
            raise CommandError(_("the file is still being written to")) from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        self._write(checked)
        if not checked.is_accepted_whole:
            sys.exit(1)

    def _write(self, checked: Checked) -> None:
        for error in checked.errors:
            self.stdout.write(_sentence(error))
        rest = checked.error_count - len(checked.errors)
        if rest > 0:
            self.stdout.write(_("more broken rules: %d") % rest)
        self.stdout.write(checked.summary)

    def _draw(self, progress: Progress) -> None:
        """A progress bar on a terminal; nothing where the output goes to a log."""
        if not self.stderr.isatty():
            return
        share = progress.bytes_read / progress.size if progress.size else 1.0
        bar = ("#" * round(share * BAR_CELLS)).ljust(BAR_CELLS, ".")
        rows = progress.rows_stored or progress.rows
        end = "\n" if progress.rows_stored >= progress.rows > 0 else ""
        self.stderr.write(f"\r[{bar}] {share:4.0%} {rows:,}", ending=end)
