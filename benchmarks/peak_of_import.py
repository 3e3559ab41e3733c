"""Imports one file in this process and prints its peak memory."""

import json
import os
import resource
import sys
from pathlib import Path

import django
from django.db import connection


def main(path: str, database: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")
    django.setup()
    connection.settings_dict["NAME"] = database
    print(json.dumps({"rows": _import(Path(path)), "peak_mb": _peak_mb()}))


def _import(path: Path) -> int:
    from apps.ingest.folder.opened_file import take
    from apps.ingest.importing import import_file
    from apps.ingest.known_streams import get_stream

    with take(path) as taken:
        return import_file(taken, get_stream("MOBILE_LOANS"), lambda _progress: None).rows


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
