"""``manage.py export_config [PATH]``: writes the live campaigns as a file for apply_config."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.filters.selectors import export_config


class Command(BaseCommand):
    help = "Writes the live campaigns and their cascades as YAML, to a file or to the screen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        text = export_config()
        if options["path"]:
            options["path"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
