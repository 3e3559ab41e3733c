from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from apps.ingest.known_streams import get_stream
from apps.ingest.streams import Stream
from testing.factories.ingest import put_file


@pytest.fixture
def configured(settings: Settings, tmp_path: Path) -> Callable[..., Stream]:
    """Writes ``streams.yaml`` with the stream MOBILE_LOANS and these keys. Returns the stream."""
    settings.CONFIG_DIR = tmp_path / "config"
    settings.CSV_BASE_FOLDER = tmp_path / "csv"
    settings.CONFIG_DIR.mkdir()

    def write(**keys: Any) -> Stream:
        stream = {"name": "MOBILE_LOANS", "folder": "mobile_loans", **keys}
        text = yaml.safe_dump({"events": {"data-streams": [stream]}}, allow_unicode=True)
        (settings.CONFIG_DIR / "streams.yaml").write_text(text, encoding="utf-8")
        return get_stream("MOBILE_LOANS")

    return write


@pytest.fixture
def stream(configured: Callable[..., Stream]) -> Stream:
    return configured()


@pytest.fixture
def drop(stream: Stream) -> Callable[..., Path]:
    """Puts a file into the stream's folder. Returns its path."""
    return lambda name, content, **how: put_file(stream.folder, name, content, **how)
