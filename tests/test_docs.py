"""What the documents name exists: files, modules with what is in them, tables."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MAP = ROOT / "ARCHITECTURE.md"
FENCED = re.compile(r"```.*?```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
CODE = re.compile(r"`([^`\s]+)`")
PLACEHOLDER = re.compile(r"[^/]*[<…*].*")  # apps/filters/rules/<filter>.py
DOTTED = re.compile(r"[a-z_]+(\.\w+)+")
TABLE = re.compile(r"`(tm\$\w+)`")
SUFFIXES = (".csv", ".md", ".py", ".yaml")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_of(document: Path) -> Iterator[str]:
    """What stands in backticks, outside fenced blocks."""
    yield from CODE.findall(FENCED.sub("", document.read_text(encoding="utf-8")))


def paths_in(document: Path) -> Iterator[str]:
    """Paths in backticks that start at the top of the repository."""
    for code in code_of(document):
        first, slash, _rest = code.partition("/")
        # folders of a running system, such as var/, are not in the repository
        if first and slash and first != "var" and (ROOT / first).is_dir():
            yield PLACEHOLDER.sub("", code)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_path_and_link_of_a_document_leads_to_a_file(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    wanted = [ROOT / path for path in paths_in(document)]
    wanted += [document.parent / link for link in LINK.findall(text)]

    assert [str(path) for path in wanted if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_dotted_name_of_a_document_is_a_module_or_in_one(document: Path) -> None:
    names = {
        full_name(code)
        for code in code_of(document)
        if DOTTED.fullmatch(code) and not code.endswith(SUFFIXES)
    }

    assert [name for name in sorted(names) if name and not is_there(name)] == []


def full_name(code: str) -> str:
    """``filters.facts`` as ``apps.filters.facts``; empty for a name that is not ours."""
    first = code.partition(".")[0]
    if (ROOT / "apps" / first).is_dir():
        return f"apps.{code}"
    return code if (ROOT / first / "__init__.py").exists() else ""


def is_there(name: str) -> bool:
    """True if the name is a module's, or that of something in a module."""
    try:
        return bool(importlib.import_module(name))
    except ModuleNotFoundError:
        module, dot, last = name.rpartition(".")
        return bool(dot) and is_there(module) and hasattr(importlib.import_module(module), last)


def test_the_map_names_every_table_and_no_other() -> None:
    tables = {
        model._meta.db_table
        for model in django_apps.get_models()
        if model.__module__.startswith("apps.")
    }

    assert set(TABLE.findall(MAP.read_text(encoding="utf-8"))) == tables
