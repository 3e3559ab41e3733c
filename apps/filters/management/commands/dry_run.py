"""``manage.py dry_run CAMPAIGN --settings FILE --days N [--on DATE]``: tries other settings of a
cascade."""

from datetime import date
from pathlib import Path
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from apps.filters.selectors import Comparison, find_run, settings_of_file
from apps.filters.services import Asked, advance_run, cancel_run, request_dry_run
from common.clock import now
from common.configuration import ConfigError

PAUSE_SECONDS = 0.2  # while a worker does a slice of this run


class Command(BaseCommand):
    help = (
        "Judges stored applications by other settings of a campaign's filters and compares. "
        "Services are not asked: what they answered before is used. The run and its result are "
        "kept, and the back office shows them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", type=int)
        # manage.py renames --settings, which Django takes for its own settings module
        parser.add_argument("--cascade", type=Path, required=True, help="a file of campaigns")
        parser.add_argument("--days", type=int, default=7)
        parser.add_argument("--on", type=date.fromisoformat, help="as of this day, e.g. 2026-11-20")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            settings = settings_of_file(options["cascade"], options["campaign"])
        except ConfigError as error:
            raise CommandError(str(error)) from error
        asked = Asked(author_id=None, at=now())
        run = request_dry_run(options["campaign"], settings, options["days"], options["on"], asked)
        self.stdout.write(_("run No. %d") % run.pk)
        self._print(self._result(run.pk))

    def _result(self, run_id: int) -> Comparison:
        """Do the slices, as a worker does; it may do some of them."""
        try:
            while (run := find_run(run_id)) and run.is_unfinished:
                if not advance_run(run_id, now()):
                    sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            cancel_run(run_id, now())
            raise
        if run is None or run.state != "DONE":
            raise CommandError(run.error or run.state if run else "")
        return Comparison.of_json(run.result)

    def _print(self, result: Comparison) -> None:
        self.stdout.write(f"{'':24}{_('now'):>12}{_('changed'):>12}")
        rows = [(_("entered"), result.live.entered, result.changed.entered)]
        rows += [(rule, -live, -changed) for rule, live, changed in result.stopped_by_filter()]
        rows.append((_("left"), result.live.passed, result.changed.passed))
        for name, live, changed in rows:
            self.stdout.write(f"{name:24}{live:>12}{changed:>12}")
        for rule, lacking in result.changed.lacking.items():
            self.stdout.write(f"{rule}: " + _("answers lacking: %(count)d") % {"count": lacking})
        gained = ", ".join(result.gained_examples)
        self.stdout.write(_("let in: %(count)d") % {"count": result.gained} + f"  {gained}")
        self.stdout.write(_("stopped: %(count)d") % {"count": result.lost})
        for number, reason in result.lost_examples:
            self.stdout.write(f"  {number}  {reason}")
