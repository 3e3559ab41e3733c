"""The recipe for a filter: a class in a new file of ``rules`` is a filter."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.filters import rules

HOROSCOPE = """
from apps.filters.rules.base import InternalRule


class Horoscope(InternalRule):
    name = "HOROSCOPE"
    title = "horoscope"

    def stops(self, application, history):
        return "the stars are against it"
"""


@pytest.fixture
def new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that lies in the folder of the rules, as far as Python can see."""
    monkeypatch.setattr(rules, "__path__", [*rules.__path__, str(tmp_path)])
    yield tmp_path / "horoscope.py"
    sys.modules.pop("apps.filters.rules.horoscope", None)


def test_a_class_in_a_new_file_is_a_filter_that_nothing_else_names(new_file: Path) -> None:
    new_file.write_text(HOROSCOPE, encoding="utf-8")

    found = rules._found()

    assert set(found) - set(rules.RULES) == {"HOROSCOPE"}
    assert set(rules.RULES) - set(found) == set()
