"""Writes ``apps/filters/countries.py`` anew: ``python -m apps.filters.tests.countries_from_babel``.

The names are those of the Unicode CLDR, which Babel carries. After an upgrade of Babel a test may
fail: run the command and look at the diff. Codes that ISO 3166-1 does not have belong into
NOT_IN_ISO_3166.
"""

from pathlib import Path

from babel import Locale
from babel.core import get_global

TABLE = Path(__file__).parents[1] / "countries.py"
# codes that CLDR still knows: withdrawn, reserved for other uses than countries, or never assigned
NOT_IN_ISO_3166 = frozenset(
    ("AAA", "ASC", "BUR", "CPT", "DDR", "DGA", "FXX", "TAA", "TMP", "YMD", "ZAR", "ZZZ")
)
FREE_FOR_PRIVATE_USE = ("Q", "X")  # QMM to QZZ and XAA to XZZ name no country
SHORTER = {"HKG": "Гонконг", "MAC": "Макао", "PSE": "Палестина"}  # than in CLDR


def countries() -> dict[str, str]:
    """Code → Russian name, in the order of the codes."""
    names = Locale("ru").territories
    found = {
        code: SHORTER.get(code, names[targets[0]])
        for code, targets in get_global("territory_aliases").items()
        if len(code) == len("RUS") and code.isalpha() and len(targets) == 1
        if code not in NOT_IN_ISO_3166 and not _is_private(code)
    }
    return dict(sorted(found.items()))


def _is_private(code: str) -> bool:
    return code.startswith(FREE_FOR_PRIVATE_USE) and code != "QAT"


def module_text() -> str:
    """The text of ``apps/filters/countries.py``."""
    lines = [f'    "{code}": "{name}",' for code, name in countries().items()]
    return "\n".join(
        [
            '"""Countries by their codes of ISO 3166-1 alpha-3, with their names in Russian.',
            "",
            "Do not edit: ``python -m apps.filters.tests.countries_from_babel`` writes this file.",
            '"""',
            "",
            "COUNTRIES = {",
            *lines,
            "}",
            "",
        ]
    )


if __name__ == "__main__":
    TABLE.write_text(module_text(), encoding="utf-8")
