"""``manage.py make_history``: makes up calls of a long time, to look at reports and to measure."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.campaigns import services
from common.clock import now


class Command(BaseCommand):
    help = (
        "Add made-up finished calls, with their operators, campaigns and results. Only where "
        "DJANGO_DEBUG or DEMO is set: in an installation that calls people, nobody could tell them "
        "from real ones."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--calls", type=int, default=100_000)
        parser.add_argument("--days", type=int, default=365, help="over which they are spread")

    def handle(self, *args: Any, calls: int, days: int, **options: Any) -> None:
        if not (settings.DEBUG or settings.DEMO):
            raise CommandError("neither DJANGO_DEBUG nor DEMO is set: nothing is made up here")
        services.make_history(calls, now(), days)
        self.stdout.write(f"{calls} calls of {days} days; manage.py rebuild_reports counts them")
