"""``manage.py check_access_log [--expect POSITION:SEAL]``: is the access log as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.security import selectors


class Command(BaseCommand):
    help = (
        "Follow the chain of hashes through the access log. Ends with 1 and names the first break "
        "where a record was changed or is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="POSITION:SEAL",
            help="an end that was noted earlier and must be on the chain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unsealed = selectors.unsealed_records()
        report = selectors.check_access_log(options["expect"])
        if report.first_break is not None:
            raise CommandError(f"{report.first_break}; good up to {report.end}", returncode=1)
        self.stdout.write(f"{report.sealed} records, unbroken; the end is {report.end}")
        since = (
            f", the oldest of {unsealed.oldest_at:%d.%m.%Y %H:%M:%S} UTC" if unsealed.count else ""
        )
        self.stdout.write(f"{unsealed.count} records are not sealed yet{since}")
