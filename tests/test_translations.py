"""Every text that people see has its Russian."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
SOURCES = ("apps", "common", "telemarketing")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
TEMPLATE_CALL = re.compile(r"""\bgettext\(u?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\)""")


def catalogue() -> set[str]:
    translated = set()
    for path in ROOT.glob("*/**/locale/ru/LC_MESSAGES/django.po"):
        if ".venv" not in path.parts:
            with path.open("rb") as file:
                translated |= {text(message.id) for message in read_po(file) if message.string}
    return translated


def text(message_id: object) -> str:
    return str(message_id[0] if isinstance(message_id, tuple | list) else message_id)


def texts_of_python() -> Iterator[tuple[str, str]]:
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and is_marked(node):
                    yield str(path.relative_to(ROOT)), node.args[0].value  # type: ignore[attr-defined]


def is_marked(node: ast.Call) -> bool:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    first = node.args[0] if node.args else None
    return name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str)


def texts_of_templates() -> Iterator[tuple[str, str]]:
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "apps").rglob("*.html")]:
        for single, double in TEMPLATE_CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            yield str(path.relative_to(ROOT)), (single or double).strip()


@pytest.mark.parametrize("source", [texts_of_python, texts_of_templates])
def test_every_text_has_its_russian(source: object) -> None:
    translated = catalogue()

    missing = [(place, found) for place, found in source() if found not in translated]  # type: ignore[operator]

    assert missing == []
