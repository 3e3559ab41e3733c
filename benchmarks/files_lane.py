"""How long a small file of one stream waits while large ones of two others are imported."""

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

import yaml
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from apps.ingest.known_streams import get_stream
from apps.ingest.models import IncomingFile
from apps.ingest.sample_applications import write_sample
from apps.ingest.services import poll_streams
from apps.ingest.streams import Stream
from benchmarks.bars import Bar
from common.clock import now
from common.locks import LockSpace, held_keys
from telemarketing.lanes import LANES
from testing.waiting import until

LARGE, SMALL = ("LARGE_1", "LARGE_2"), "SMALL"
POLL_SECONDS = 1.0  # as often as beat sends it
(FILES,) = (lane for lane in LANES if lane.queue == "files")
WORKER = (
    "-m",
    "celery",
    "-A",
    "telemarketing",
    "worker",
    "--queues",
    FILES.queue,
    "--concurrency",
    str(FILES.concurrency),
)
PATIENCE_SECONDS = 300.0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lane-rows", type=int, default=300_000)


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """The bar of the files' lane, with the worker and the messages of the running system."""
    with tempfile.TemporaryDirectory() as name:
        _describe_streams(Path(name))
        *large, small = (get_stream(stream) for stream in (*LARGE, SMALL))
        for stream in (*large, small):
            stream.folder.mkdir(parents=True)
        for stream in large:
            _put(stream, options.lane_rows)
        with _worker(), _beat():
            keys = {stream.lock_key for stream in large}
            until(lambda: keys <= held_keys(LockSpace.STREAM_POLL), "the imports run",
                  PATIENCE_SECONDS)  # fmt: skip
            changed = _put(small, 1)
            until(lambda: _files(small).exists(), "the small file is taken", PATIENCE_SECONDS)
            seconds = time.time() - changed - small.settle_seconds
            if any(_files(stream).exists() for stream in large):
                raise AssertionError("a large file was imported meanwhile: take more rows")
    return [
        Bar(f"one row beside 2 x {options.lane_rows:,} rows: settled → taken", seconds, 3, "s",
            at_most=True),
    ]  # fmt: skip


def _describe_streams(folder: Path) -> None:
    settings.CONFIG_DIR = settings.CSV_BASE_FOLDER = folder
    streams = [{"name": name, "folder": name.lower()} for name in (*LARGE, SMALL)]
    text = yaml.safe_dump({"events": {"data-streams": streams}})
    (folder / "streams.yaml").write_text(text, encoding="utf-8")


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
    folder = str(settings.CSV_BASE_FOLDER)
    variables = {"DATABASE_URL": database, "CSV_BASE_FOLDER": folder, "CONFIG_DIR": folder}
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
    """Looks for streams as often as beat says, in a lane of its own as in the running system."""
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(POLL_SECONDS):
            poll_streams(now())
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
