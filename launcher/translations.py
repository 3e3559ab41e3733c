"""Compile the translations: the repository holds `.po` files, Django reads `.mo` files."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from launcher.places import ROOT

CATALOGUES = "*/locale/*/LC_MESSAGES/*.po"


def compile_all(root: Path = ROOT) -> list[Path]:
    """Compile every `.po` that is newer than its `.mo`; returns the files that were written."""
    found = [*root.glob(CATALOGUES), *root.glob(f"*/{CATALOGUES}"), *root.glob(CATALOGUES[2:])]
    stale = [catalogue for catalogue in found if _is_stale(catalogue)]
    for catalogue in stale:
        _compile(catalogue)
    return [catalogue.with_suffix(".mo") for catalogue in stale]


def _is_stale(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime


def _compile(catalogue: Path) -> None:
    with catalogue.open("rb") as source:
        messages = read_po(source, locale=catalogue.parts[-3])
    draft = catalogue.with_suffix(".mo.draft")
    with draft.open("wb") as target:
        write_mo(target, messages)
    draft.replace(catalogue.with_suffix(".mo"))
