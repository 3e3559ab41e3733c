"""What the columns of a call list may be, and which of them a heading names.

All but the full name are columns of an incoming file, described in ``reading.columns``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.ingest.reading.columns import COLUMNS, TITLES

FULL_NAME = "full_name"  # last, first and middle name in one cell
PHONE = "phone"
NUMBER = "application_number"
# columns of which every row needs a value, but not the list a column
FILLED_IN = ("application_status", "client_type")
# what people call the columns in their own lists, in plain form
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    PHONE: (
        "телефон", "тел", "моб", "моб телефон", "мобильный", "мобильный телефон", "сотовый",
        "сотовый телефон", "контактный телефон", "телефон клиента", "phone number", "mobile",
    ),
    FULL_NAME: ("фио", "ф и о", "фио клиента", "клиент", "имя клиента", "full name", "name"),
    NUMBER: ("заявка", "№ заявки", "application"),
    "birth_date": ("др", "дата рожд", "день рождения", "birthday"),
    "citizenship": ("страна", "country"),
    "approved_amount": ("сумма", "одобрено", "лимит", "сумма займа"),
    "desired_amount": ("запрошенная сумма", "сумма заявки"),
    "product_type": ("продукт", "product"),
    "term": ("срок",),
    "application_status": ("статус", "статус заявки"),
    "created_date": ("дата заявки", "дата создания", "создана"),
    "changed_date": ("дата изменения", "изменена"),
    "document_number": ("номер паспорта", "номер документа"),
    "document_series": ("серия паспорта", "серия документа"),
}  # fmt: skip


def field_titles() -> dict[str, Any]:
    """Every field that a column may be, with its title; those of nearly every list come first."""
    first = {PHONE: TITLES[PHONE], FULL_NAME: _("Full name"), NUMBER: TITLES[NUMBER]}
    return {**first, **{name: title for name, title in TITLES.items() if name not in first}}


def guessed_mapping(headings: Sequence[str]) -> dict[str, int]:
    """Field → place of the column whose heading names it. A heading names one field at most."""
    mapping: dict[str, int] = {}
    for place, heading in enumerate(headings):
        field = _FIELD_OF.get(_plain(heading))
        if field and field not in mapping:
            mapping[field] = place
    return mapping


def column_name(headings: Sequence[str], place: int) -> str:
    """How people call the column: by its heading, or its letters in a spreadsheet."""
    heading = headings[place] if place < len(headings) else ""
    return heading or _letters(place)


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _plain(text: str) -> str:
    """The text without punctuation, letter case and the letter ё."""
    return " ".join(re.sub(r"[^\w№]+|_", " ", text.casefold().replace("ё", "е")).split())


_FIELD_OF = {
    **{_plain(text): field for field, texts in SYNONYMS.items() for text in texts},
    **{_plain(text): column.name for column in COLUMNS for text in (column.name, column.title)},
}
