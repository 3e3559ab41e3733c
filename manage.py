#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line


def without_clash(arguments: list[str]) -> list[str]:
    """``dry_run --settings FILE`` means the settings of a cascade; Django's own option of that name
    would take the file for its settings module, so it gets another name."""
    if arguments[1:2] != ["dry_run"]:
        return arguments
    return [
        argument.replace("--settings", "--cascade", 1)
        if argument.partition("=")[0] == "--settings"
        else argument
        for argument in arguments
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")
    execute_from_command_line(without_clash(sys.argv))
