"""Turns values as people write them into values as the columns of incoming files have them.

What cannot be understood without a guess stays as it is, and the rules of the column tell then what
was expected.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from apps.filters.types import CODE_OF_COUNTRY, ApplicationStatus, LoanStatus
from apps.ingest.reading.columns import Column, Kind

EXCEL_BEGAN = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day 0, without a zone
EXCEL_DAYS = range(1, 80_000)  # until 2119
DAY_SECONDS = 86_400
MIDNIGHT = "00:00:00"
NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eEеЕ]\+?[0-9]{1,2}")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4})(?:[ T]+(.+))?")
YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2})(?:[ T]+(.+))?"
)
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
SPACES = re.compile(r"\s+")  # the no-break space too
PHONE_SIGNS = re.compile(r"[\s()./\-–—]+")
PHONE_DIGITS = 11
CURRENCY = re.compile(r"(?:₽|руб\.?|рублей|рубля|рубль|р\.)$", re.IGNORECASE)


def _all(value: str, *words: str) -> dict[str, str]:
    return dict.fromkeys(words, value)


_UNITS = {
    **_all("day", "день", "дня", "дней", "дн", "дн.", "д"),
    **_all("month", "месяц", "месяца", "месяцев", "мес", "мес.", "м"),
}
# column → a word that people write, in small letters → the choice meant
WORDS: Mapping[str, Mapping[str, str]] = {
    "sex": {
        **_all("M", "м", "муж", "муж.", "мужской", "male"),
        **_all("F", "ж", "жен", "жен.", "женский", "female"),
    },
    "client_type": {
        **_all("pioneer", "новый", "новая", "первичный"),
        **_all("repeater", "повторный", "повторная", "постоянный"),
    },
    "application_status": {label.casefold(): value for value, label in ApplicationStatus.choices},
    "loan_status": {label.casefold(): value for value, label in LoanStatus.choices},
    "scoring_result": _all("approved", "одобрено") | _all("rejected", "отказ", "отказано"),
    "term_unit": _UNITS,
    "grace_unit": _UNITS,
}


def contract_value(column: Column, text: str) -> str:
    """The value as an incoming file has it; of a date ``DD.MM.YYYY hh:mm:ss`` where the cell holds
    a moment."""
    text = text.strip()
    return _CHANGES[column.kind](column, text) if text else ""


def split_name(text: str) -> tuple[str, str, str]:
    """Last, first and middle name of a full one. All that follows the second word is the middle
    name's: ``Мамедов Али Гусейн оглы``."""
    last, first, middle = [*text.split(maxsplit=2), "", "", ""][:3]
    return last, first, middle


def _text(_column: Column, text: str) -> str:
    return text


def _country(_column: Column, text: str) -> str:
    return CODE_OF_COUNTRY.get(text.casefold(), text.upper())


def _choice(column: Column, text: str) -> str:
    plain = text.casefold()
    known = {choice.casefold(): choice for choice in (*column.choices, *column.synonyms)}
    return known.get(plain) or WORDS.get(column.name, {}).get(plain) or text


def _phone(column: Column, text: str) -> str:
    """``+7 (913) 123-45-67``, ``8 913 1234567``, ``9131234567`` and numbers of Excel."""
    plain = _without_exponent(text).removesuffix(".0")
    digits = PHONE_SIGNS.sub("", plain).removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return text
    if len(digits) == PHONE_DIGITS and digits.startswith("8"):
        return "7" + digits[1:]
    return "7" + digits if len(digits) == PHONE_DIGITS - 1 and digits[0] == "9" else digits


def _without_exponent(text: str) -> str:
    """``7,9131234567E+10`` in full, where it has not lost digits as ``7,91E+10`` has."""
    if not SCIENTIFIC.fullmatch(text):
        return text
    number = Decimal(text.replace(",", ".").upper().replace("Е", "E"))
    has_all = len(number.as_tuple().digits) >= PHONE_DIGITS - 1  # the last may be a zero
    return str(int(number)) if has_all else text


def _whole(_column: Column, text: str) -> str:
    """``30.0`` and ``1 000`` are whole numbers."""
    plain = SPACES.sub("", text)
    return re.sub(r"[.,]0+$", "", plain) if NUMBER.fullmatch(plain) else text


def _amount(_column: Column, text: str) -> str:
    """``30 000,50 ₽`` in rubles."""
    plain = SPACES.sub("", CURRENCY.sub("", text)).replace(",", ".")
    if not NUMBER.fullmatch(plain):
        return text
    try:
        # Excel keeps 0.3 as 0.30000000000000004; a true third decimal stays, and is refused
        exact = Decimal(plain).quantize(Decimal("0.000001")).normalize()
    except InvalidOperation:
        return plain
    return f"{exact:f}"


def _moment(column: Column, text: str) -> str:
    """``7.10.2022``, ``2022-10-07 12:30`` and Excel's 44841.5; the time is left out at midnight."""
    if NUMBER.fullmatch(text):
        days = float(text.replace(",", "."))
        if int(days) not in EXCEL_DAYS:
            return text
        moment = EXCEL_BEGAN + timedelta(seconds=round(days * DAY_SECONDS))
        return f"{moment:%d.%m.%Y %H:%M:%S}".removesuffix(f" {MIDNIGHT}")
    found = DAY_FIRST.fullmatch(text) or YEAR_FIRST.fullmatch(text)
    if not found:
        return text
    try:
        day = date(*(int(found[part]) for part in ("year", "month", "day")))
    except ValueError:
        return text
    time = _time(column, found[4]) if found[4] else MIDNIGHT
    return f"{day:%d.%m.%Y} {time}".removesuffix(f" {MIDNIGHT}")


def _time(_column: Column, text: str) -> str:
    """``9:05``, and Excel's part of a day."""
    if found := CLOCK.fullmatch(text):
        hours, minutes, seconds = found.groups()
        return f"{int(hours):02d}:{minutes}:{seconds or '00'}"
    if NUMBER.fullmatch(text) and (share := float(text.replace(",", "."))) < 1:
        return f"{EXCEL_BEGAN + timedelta(seconds=round(share * DAY_SECONDS)):%H:%M:%S}"
    return text


_CHANGES: Mapping[Kind, Callable[[Column, str], str]] = {
    Kind.DIGITS: _whole,
    Kind.DATE: _moment,
    Kind.TIME: _time,
    Kind.CHOICE: _choice,
    Kind.PHONE: _phone,
    Kind.COUNTRY: _country,
    Kind.TEXT: _text,
    Kind.AMOUNT: _amount,
    Kind.WHOLE: _whole,
}
