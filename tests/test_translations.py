"""Every text that people see has its Russian words."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
Text = str | tuple[str, ...] | list[str]  # a text, or its singular and plural
GETTEXT = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
CATALOGUES = sorted(
    path
    for pattern in ("apps/*", "common", "telemarketing")
    for path in ROOT.glob(f"{pattern}/locale/ru/LC_MESSAGES/django.po")
)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_every_text_of_an_app_is_in_its_catalogue_in_russian(path: Path) -> None:
    catalogue = read_po(io.BytesIO(path.read_bytes()), locale="ru")
    translated = {
        _first(message.id)
        for message in catalogue
        if message.id and all([*_forms(message.string)]) and not message.fuzzy
    }
    found = extract_from_dir(
        path.parents[3], [("**.py", "python")], keywords=GETTEXT, directory_filter=_is_shipped
    )

    texts = {_first(text) for _, _, text, _, _ in found}

    assert texts - translated == set()


def _is_shipped(folder: str) -> bool:
    return Path(folder).name not in {"tests", "migrations"}


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _forms(text: Text | None) -> Sequence[str | None]:
    return (text,) if text is None or isinstance(text, str) else text
