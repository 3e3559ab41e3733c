"""``manage.py apply_config [--dry-run | --only-missing] [PATH]``: makes campaigns and cascades as a
file says."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.filters.services import apply_config
from common.configuration import ConfigError


class Command(BaseCommand):
    help = (
        "Applies the campaigns of a YAML file; says what changes. Applying twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.CONFIG_DIR / "campaigns.yaml"
        parser.add_argument("path", nargs="?", type=Path, default=default)
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="only say what would change")
        how.add_argument(
            "--only-missing",
            action="store_true",
            help="make what does not exist yet; say where the rest differs from the file",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            changes = apply_config(
                options["path"],
                dry_run=options["dry_run"],
                only_missing=options["only_missing"],
            )
        except ConfigError as error:
            raise CommandError(str(error)) from error
        for line in changes or ["no changes"]:
            self.stdout.write(line)
