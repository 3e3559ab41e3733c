"""Makes up a file of applications for demonstrations, tests and measurements."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.ingest import services


class Command(BaseCommand):
    help = "Make a CSV file of applications; the same seed makes the same file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--bad-rows", type=int, default=0, help="of the rows, break a rule")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        draft: Path = options["out"].with_suffix(".part")
        with draft.open("w", encoding="utf-8", newline="") as out:
            services.write_sample(out, options["rows"], options["seed"], options["bad_rows"])
        # the file gets its name when it is complete, so a poller never reads half of it
        draft.replace(options["out"])
