"""``manage.py dry_run CAMPAIGN --settings FILE --days N``: tries other settings of a cascade."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from apps.filters.selectors import DryRun, dry_run, settings_of_file
from common.clock import now
from common.configuration import ConfigError


class Command(BaseCommand):
    help = (
        "Judges stored applications by other settings of a campaign's filters and compares. "
        "Services are not asked; nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", type=int)
        # manage.py renames --settings, which Django takes for its own settings module
        parser.add_argument("--cascade", type=Path, required=True, help="a file of campaigns")
        parser.add_argument("--days", type=int, default=7)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            settings = settings_of_file(options["cascade"], options["campaign"])
        except ConfigError as error:
            raise CommandError(str(error)) from error
        self._print(dry_run(options["campaign"], settings, options["days"], now()))

    def _print(self, result: DryRun) -> None:
        self.stdout.write(f"{'':24}{_('now'):>12}{_('changed'):>12}")
        rows = [(_("entered"), result.live.entered, result.changed.entered)]
        rows += [(rule, -live, -changed) for rule, live, changed in result.stopped_by_filter()]
        rows.append((_("left"), result.live.passed, result.changed.passed))
        for name, live, changed in rows:
            self.stdout.write(f"{name:24}{live:>12}{changed:>12}")
        gained = ", ".join(result.gained_examples)
        self.stdout.write(_("let in: %(count)d") % {"count": result.gained} + f"  {gained}")
        self.stdout.write(_("stopped: %(count)d") % {"count": result.lost})
        for number, reason in result.lost_examples:
            self.stdout.write(f"  {number}  {reason}")
