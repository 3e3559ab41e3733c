"""Every text that people see has its Russian words."""

import io
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
GETTEXT = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
CATALOGUES = sorted(
    path
    for pattern in ("apps/*", "common", "telemarketing")
    for path in ROOT.glob(f"{pattern}/locale/ru/LC_MESSAGES/django.po")
)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_every_text_of_an_app_is_in_its_catalogue_in_russian(path):
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


def _is_shipped(folder):
    return Path(folder).name not in {"tests", "migrations"}


def _first(text):
    return text[0] if isinstance(text, tuple) else text


def _forms(text):
    return text if isinstance(text, tuple | list) else (text,)
