"""How long a small file of one stream waits while a large one of another is imported."""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from apps.ingest.known_streams import get_stream
from apps.ingest.models import IncomingFile
from apps.ingest.sample_applications import write_sample
from apps.ingest.streams import Stream
from benchmarks.bars import Bar
from common.locks import LockSpace, held_keys
from testing.waiting import until

LARGE, SMALL = "MOBILE_LOANS", "POS_REJECT"
POLL_SECONDS = 1.0  # as often as beat sends it
WORKER = (
    "-m",
    "celery",
    "-A",
    "telemarketing",
    "worker",
    "--queues",
    "files",
    "--concurrency",
    "2",
)
PATIENCE_SECONDS = 300.0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lane-rows", type=int, default=300_000)


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """The bar of the files' lane, with the worker and the messages of the running system."""
    with tempfile.TemporaryDirectory() as name:
        settings.CSV_BASE_FOLDER = Path(name)
        large, small = get_stream(LARGE), get_stream(SMALL)
        for stream in (large, small):
            stream.folder.mkdir(parents=True)
        _put(large, options.lane_rows)
        with _worker(), _beat():
            until(lambda: large.lock_key in held_keys(LockSpace.STREAM_POLL), "the import runs",
                  PATIENCE_SECONDS)  # fmt: skip
            changed = _put(small, 1)
            until(lambda: _files(small).exists(), "the small file is taken", PATIENCE_SECONDS)
            seconds = time.time() - changed - small.settle_seconds
            if _files(large).exists():
                raise AssertionError("the large file was imported meanwhile: take more rows")
    return [
        Bar(f"one-row file beside {options.lane_rows:,} rows: settled → taken", seconds, 3, "s",
            at_most=True),
    ]  # fmt: skip


def _put(stream: Stream, rows: int) -> float:
    """Put a file of so many rows into the folder; returns when it appeared."""
    draft = stream.folder / "new.part"
    with draft.open("w", encoding="utf-8", newline="") as out:
        write_sample(out, rows, seed=rows % 1000)
    draft.rename(stream.folder / "new.csv")
    return (stream.folder / "new.csv").stat().st_mtime


def _files(stream: Stream) -> QuerySet[IncomingFile]:
    return IncomingFile.objects.filter(stream=stream.name)


@contextmanager
def _worker() -> Iterator[None]:
    """A worker of the queue, on the database of the measurement."""
    place = urlsplit(os.environ["DATABASE_URL"])
    database = place._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    variables = {"DATABASE_URL": database, "CSV_BASE_FOLDER": str(settings.CSV_BASE_FOLDER)}
    worker = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *WORKER],
        cwd=settings.BASE_DIR,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


@contextmanager
def _beat() -> Iterator[None]:
    """Sends the message of the beat table as often as beat does."""
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(POLL_SECONDS):
            current_app.send_task(
                "apps.ingest.tasks.poll_streams", queue="files", expires=POLL_SECONDS
            )

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
