"""Translations are compiled when they are new, and only then."""

import gettext
from pathlib import Path

from launcher import translations

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "call"
msgstr "звонок"
"""


def test_a_new_catalogue_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "apps" / "arm" / "locale" / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE)

    written = translations.compile_all(tmp_path)

    assert written == [folder / "django.mo"]
    with (folder / "django.mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("call") == "звонок"
    assert translations.compile_all(tmp_path) == []
