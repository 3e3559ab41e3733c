"""The recipe for a data stream: an item in ``streams.yaml``, and nothing else."""

from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from apps.filters.models import Application
from testing.factories.ingest import csv_text, put_file, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db


def test_a_stream_that_was_added_to_the_file_takes_files_without_a_restart(
    settings: Settings, tmp_path: Path
) -> None:
    settings.CONFIG_DIR, settings.CSV_BASE_FOLDER = tmp_path, tmp_path / "csv"
    partners = tmp_path / "csv" / "partners"
    describe_streams(tmp_path, "MOBILE_LOANS")
    take_all_files()
    assert not partners.exists()

    describe_streams(tmp_path, "MOBILE_LOANS", "PARTNERS")
    take_all_files()
    put_file(partners, "a.csv", csv_text(rows(2)))
    take_all_files()

    assert set(Application.objects.values_list("stream", flat=True)) == {"PARTNERS"}
    assert (partners / "success" / "a.csv").exists()


def describe_streams(folder: Path, *names: str) -> None:
    streams = [{"name": name, "folder": name.lower()} for name in names]
    text = yaml.safe_dump({"events": {"data-streams": streams}})
    (folder / "streams.yaml").write_text(text, encoding="utf-8")
