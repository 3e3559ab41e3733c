"""``manage.py explain APPLICATION_NUMBER``: why this client was, or was not, called."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from apps.filters.selectors import Story, refused_rows_of_number, stories_of_number
from apps.filters.types import RefusedRow
from apps.security.services import record_change
from apps.security.types import Access
from common.clock import MOSCOW, now
from common.phones import masked


class Command(BaseCommand):
    help = "Tells the story of an application: verdicts, ledger, tasks, calls, results."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("application_number")

    def handle(self, *_args: Any, **options: Any) -> None:
        number = options["application_number"]
        stories, refused = stories_of_number(number, now()), refused_rows_of_number(number)
        if not stories and not refused:
            raise CommandError(_("no application has this number"))
        newest = [story.application.pk for story in stories][-1:]
        record_change(None, Access.PAGE_OPENED, "filters.application", *newest)
        for story in stories:
            self._print(story)
        for row in refused:
            self._print_refused(row)

    def _print(self, story: Story) -> None:
        application = story.application
        heading = _("application %(number)s, stream %(stream)s, %(phone)s, changed %(at)s")
        self.stdout.write(
            heading
            % {
                "number": application.application_number,
                "stream": application.stream,
                "phone": masked(application.phone),
                "at": f"{application.changed_at.astimezone(MOSCOW):%d.%m.%Y %H:%M}",
            }
        )
        for standing in story.standings:
            parts = (standing.campaign, standing.verdict, standing.rule, standing.reason)
            self.stdout.write("  " + " · ".join(filter(None, parts)))
        for entry in story.entries:
            at = f"{entry.at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"
            line = (
                *(at, entry.campaign, entry.what, entry.rule, entry.verdict),
                *(entry.reason, entry.comment, entry.operator),
            )
            self.stdout.write("    " + " · ".join(filter(None, line)))

    def _print_refused(self, row: RefusedRow) -> None:
        heading = _("a row that was not stored: stream %(stream)s, file %(file)s, line %(line)d")
        self.stdout.write(heading % {"stream": row.stream, "file": row.file, "line": row.line})
        at = f"{row.at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"
        self.stdout.write("    " + " · ".join((at, row.outcome, *row.reasons)))
