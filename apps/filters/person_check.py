"""Decides whether an application and Casper's answer are about the same person.

Casper is asked by phone, and phones change hands: an answer may describe whoever had the number
before. Name, birth date and document are compared; a value that either side lacks is unknown.

- SAME: at least two of the three agree. One alone does not do: namesakes are many, a birth date is
  shared by thousands, a document may be mistyped. Two keep the client who married (birth date,
  first name and patronymic agree), who got a new passport (name and birth date agree), or whose
  birth date has a typing error (name and document agree).
- DIFFERENT: else, where the name or the birth date differs. Telling somebody another person's loans
  harms more than withholding them, so a contradiction decides. A document alone proves nothing:
  people have several, and renew them.
- UNKNOWN: else. Nothing differs, but too little is known.

A name agrees when the first name is equal, and of last name and patronymic one is equal: twins have
both of these and the birth date in common. Letter case, «ё» and «е», spaces, hyphens and
apostrophes do not matter. Names in two alphabets are not compared: there are many transliterations.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from unicodedata import normalize

from apps.arm.types import PersonAttribute, PersonCheck, PersonStatus
from apps.filters.facts import ApplicationFacts

ENOUGH_AGREEMENTS = 2  # of name, birth date and document
NEITHER_LETTER_NOR_GAP = re.compile(r"[^\w\s\-\u2010-\u2015]")  # such as an apostrophe
GAPS = re.compile(r"[\s_\-\u2010-\u2015]+")  # spaces, hyphens, dashes
NOT_IN_A_DOCUMENT = re.compile(r"[\W_]")
CYRILLIC = re.compile(r"[а-я]")
# letters of document series that are written with either alphabet
LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")


class Name(NamedTuple):
    """The parts of a name, ready to be compared; "" where unknown."""

    last: str
    first: str
    middle: str


@dataclass(frozen=True, slots=True)
class Person:
    """What tells one person from another, ready to be compared."""

    names: tuple[Name, ...]  # the same name in one or more alphabets
    birth_date: date | None
    document: str  # series and number; "" where the number is unknown


def compare(application: Person, answer: Person) -> PersonCheck:
    """Whether the two are one person, and in what they differ."""
    name_agrees, name_differs = _compare_names(application.names, answer.names)
    birth_date = _compare(application.birth_date, answer.birth_date)
    document = _compare(application.document, answer.document)
    differing = {
        PersonAttribute.NAME: name_differs,
        PersonAttribute.BIRTH_DATE: birth_date is False,
        PersonAttribute.DOCUMENT: document is False,
    }
    differs = tuple(attribute for attribute, is_other in differing.items() if is_other)
    if [name_agrees, birth_date, document].count(True) >= ENOUGH_AGREEMENTS:
        return PersonCheck(PersonStatus.SAME, differs)
    if name_differs or birth_date is False:
        return PersonCheck(PersonStatus.DIFFERENT, differs)
    return PersonCheck(PersonStatus.UNKNOWN, differs)


def is_another_person(application: ApplicationFacts, client: Mapping[str, Any]) -> bool:
    """Whether the ``client`` of Casper's answer is somebody else than the application's person."""
    check = compare(person_of_application(application), person_at_casper(client))
    return check.status is PersonStatus.DIFFERENT


def person_of_application(application: ApplicationFacts) -> Person:
    name = _name(application.last_name, application.first_name, application.middle_name)
    document = _document(application.document_series, application.document_number)
    return Person((name,), application.birth_date, document)


def person_of_task(client_info: Mapping[str, Any]) -> Person:
    """The person by ``client_info`` of a campaign task, which has no document."""
    name = _name(*(client_info.get(f"{part}_name") for part in Name._fields))
    return Person((name,), _date(client_info.get("birth_date")), document="")


def person_at_casper(client: Mapping[str, Any]) -> Person:
    """The person by the ``client`` of Casper's answer. What cannot be read is unknown."""
    spellings = (client.get("full_name_ru"), client.get("full_name_en"))
    return Person(
        tuple(
            _name(*(spelling.get(part) for part in Name._fields))
            for spelling in spellings
            if isinstance(spelling, Mapping)
        ),
        _date(client.get("birth_date")),
        _document(client.get("document_series"), client.get("document_number")),
    )


def _compare_names(ours: Sequence[Name], theirs: Sequence[Name]) -> tuple[bool, bool]:
    """Whether the names agree, and whether any part of them differs. Both may be true: where one
    part of three differs."""
    last, first, middle = (
        _compare_spellings([name[part] for name in ours], [name[part] for name in theirs])
        for part in range(len(Name._fields))
    )
    return first is True and True in (last, middle), False in (last, first, middle)


def _compare_spellings(ours: Sequence[str], theirs: Sequence[str]) -> bool | None:
    """True where one of our spellings is one of theirs; None where none can be compared."""
    compared = {
        _compare(one, other)
        for one in ours
        for other in theirs
        if bool(CYRILLIC.search(one)) is bool(CYRILLIC.search(other))
    }
    return True if True in compared else False if False in compared else None


def _compare(one: object, other: object) -> bool | None:
    """Whether two values are equal; None where one of them is unknown."""
    return one == other if one and other else None


def _name(last: object, first: object, middle: object) -> Name:
    return Name(_name_part(last), _name_part(first), _name_part(middle))


def _name_part(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # one form for each letter: «й» may come as two signs
    text = normalize("NFKC", value).casefold().replace("ё", "е")
    return GAPS.sub(" ", NEITHER_LETTER_NOR_GAP.sub("", text)).strip()


def _document(series: object, number: object) -> str:
    """Series and number in one: some write the series into the number."""
    if not isinstance(number, str) or not number.strip():
        return ""
    text = normalize("NFKC", (series if isinstance(series, str) else "") + number)
    return NOT_IN_A_DOCUMENT.sub("", text).upper().translate(LOOK_ALIKES)


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
