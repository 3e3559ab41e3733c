"""A file that moves to another volume is copied, whole and once, whenever the process dies."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.filters.models import Application
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream
from apps.ingest.tests.killing import all_files, kill_a_poller_at
from testing.factories.ingest import csv_text, row, rows
from testing.incoming import take_all_files

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a volume that every Linux has
STEPS = [
    ("apps.ingest.folder.moving:IncomingFile.save", "after"),
    ("apps.ingest.folder.moving._copy_safely", "before"),
    ("apps.ingest.folder.moving:shutil.copystat", "before"),  # the whole text is copied
    ("apps.ingest.folder.moving._copy_safely", "after"),
    ("apps.ingest.folder.moving:os.link", "after"),
    ("apps.ingest.folder.moving._place_anywhere", "after"),
]


@pytest.fixture
def elsewhere(stream: Stream) -> Iterator[Path]:
    """Folders for results on another volume than the stream's own."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as name:
        stream.folder.mkdir(parents=True)
        if Path(name).stat().st_dev == stream.folder.stat().st_dev:
            pytest.skip("the temporary folder is on the volume of shared memory")
        for folder in (stream.success_folder, stream.error_folder):
            (Path(name) / folder.name).mkdir()
            folder.symlink_to(Path(name) / folder.name)
        yield Path(name)


@pytest.mark.django_db
def test_a_file_is_moved_to_another_volume(
    stream: Stream, elsewhere: Path, drop: Callable[..., Path]
) -> None:
    path = drop("a.csv", csv_text(rows(2)))
    content, changed = path.read_bytes(), path.stat().st_mtime_ns

    take_all_files()

    moved = elsewhere / "success" / "a.csv"
    assert (moved.read_bytes(), moved.stat().st_mtime_ns) == (content, changed)
    assert not path.exists()
    assert IncomingFile.objects.get().moved_at


@pytest.mark.django_db
def test_nothing_is_overwritten_there(
    stream: Stream, elsewhere: Path, drop: Callable[..., Path]
) -> None:
    (elsewhere / "success" / "a.csv").write_text("older")
    drop("a.csv", csv_text(rows(2)))

    take_all_files()

    assert (elsewhere / "success" / "a.csv").read_text() == "older"
    assert len(all_files(elsewhere)) == 2


@pytest.mark.django_db
def test_a_link_is_moved_there_as_a_link(
    stream: Stream, elsewhere: Path, drop: Callable[..., Path]
) -> None:
    target = stream.folder / "target.txt"
    target.write_text("x")
    (stream.folder / "a.csv").symlink_to(target)
    os.utime(stream.folder / "a.csv", (1, 1), follow_symlinks=False)

    take_all_files()

    assert (elsewhere / "error" / "a.csv").is_symlink()
    assert not (stream.folder / "a.csv").is_symlink()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS, ids="-".join)
@pytest.mark.parametrize("is_good", [True, False], ids=["good", "bad"])
def test_a_file_arrives_whole_and_once_wherever_the_process_dies(
    stream: Stream,
    elsewhere: Path,
    drop: Callable[..., Path],
    settings: Settings,
    step: tuple[str, str],
    is_good: bool,
) -> None:
    content = csv_text([row() if is_good else row(phone="8")])
    drop("a.csv", content)

    kill_a_poller_at(step, settings.CONFIG_DIR, settings.CSV_BASE_FOLDER)
    take_all_files()

    expected = ["success/a.csv"] if is_good else ["error/a.csv", "error/a.csv.errors.csv"]
    assert all_files(elsewhere) == expected
    assert (elsewhere / expected[0]).read_text() == content
    assert not (stream.folder / "a.csv").exists()
    assert Application.objects.count() == int(is_good)
    assert IncomingFile.objects.filter(moved_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_a_full_volume_leaves_the_file_where_it_is(
    stream: Stream, elsewhere: Path, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, draft: Path, **_keywords: object) -> None:
        draft.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    path = drop("a.csv", csv_text(rows(1)))
    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.folder.moving.shutil.copy2", full)
        take_all_files()

    assert path.exists()
    assert all_files(elsewhere) == []
    take_all_files()
    assert all_files(elsewhere) == ["success/a.csv"]
