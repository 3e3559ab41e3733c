"""The columns of an incoming file, each described once.

The header, format control, the import, reports and what screens mask follow this description.
A recipe for a new column is in CONTRIBUTING.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from apps.filters.types import (
    LOAN_STATUS_SYNONYMS,
    ApplicationStatus,
    ClientType,
    LoanStatus,
    PeriodUnit,
    ScoringResult,
    Sex,
)


class Kind(Enum):
    """How the values of a column are written."""

    DIGITS = auto()  # 34697463
    DATE = auto()  # 07.10.2022
    TIME = auto()  # 23:59:59, Moscow time
    CHOICE = auto()  # one of the column's choices
    PHONE = auto()  # 79057896050
    COUNTRY = auto()  # KGZ, by ISO 3166-1 alpha-3
    TEXT = auto()  # anything, up to 255 letters
    AMOUNT = auto()  # rubles: 20000, 20000.50 or 20000,50
    WHOLE = auto()  # a number from 0 to 2147483647


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is called, what it may hold, and where its values are stored."""

    name: str
    title: str  # the Russian name; a header may hold it in place of ``name``
    kind: Kind
    required: bool = False  # whether every row has a value
    personal: bool = False  # whether the value is a person's: screens mask it
    is_name: bool = False  # whether control characters and marks of direction are refused
    choices: tuple[str, ...] = ()
    synonyms: dict[str, str] = field(default_factory=dict)  # other spellings → the choice meant
    # the column of ``Application``; a date and a time of the same one make a moment
    stored_as: str = ""

    @property
    def stored_name(self) -> str:
        """The column of ``Application`` that holds the values."""
        return self.stored_as or self.name


def _choice(name: str, title: str, choices: list[str], *, required: bool = False) -> Column:
    return Column(name, title, Kind.CHOICE, required, choices=tuple(choices))


def _moment(name: str, titles: tuple[str, str], *, required: bool = False) -> tuple[Column, Column]:
    """The date and the time of one moment. A date alone is its midnight."""
    stored_as = f"{name}_at"
    return (
        Column(f"{name}_date", titles[0], Kind.DATE, required, stored_as=stored_as),
        Column(f"{name}_time", titles[1], Kind.TIME, required, stored_as=stored_as),
    )


# [source appendix А], in the order of a file without a header
COLUMNS = (
    Column("application_number", "Номер заявки", Kind.DIGITS, required=True),
    *_moment(
        "created",
        ("Дата создания заявки / черновика", "Время создания заявки / черновика"),
        required=True,
    ),
    *_moment(
        "changed",
        ("Дата значимого изменения заявки", "Время значимого изменения заявки"),
        required=True,
    ),
    _choice("application_status", "Бизнес статус заявки", ApplicationStatus.values, required=True),
    *_moment("loan_changed", ("Дата значимого изменения займа", "Время значимого изменения займа")),
    Column(
        "loan_status",
        "Бизнес статус займа",
        Kind.CHOICE,
        choices=tuple(LoanStatus.values),
        synonyms=LOAN_STATUS_SYNONYMS,
    ),
    _choice("scoring_result", "Результат скоринга", ScoringResult.values),
    _choice("client_type", "Тип клиента", ClientType.values, required=True),
    Column("phone", "Номер телефона", Kind.PHONE, required=True, personal=True),
    Column("face_id", "faceID", Kind.TEXT, personal=True),
    Column("citizenship", "Гражданство", Kind.COUNTRY),
    Column("document_series", "Серия", Kind.TEXT, personal=True),
    Column("document_number", "Номер", Kind.TEXT, personal=True),
    Column("last_name", "Фамилия", Kind.TEXT, personal=True, is_name=True),
    Column("first_name", "Имя", Kind.TEXT, personal=True, is_name=True),
    Column("middle_name", "Отчество", Kind.TEXT, personal=True, is_name=True),
    Column("birth_date", "Дата рождения", Kind.DATE, personal=True),
    _choice("sex", "Пол", Sex.values),
    Column("device_os", "ОС", Kind.TEXT),
    Column("app_version", "Версия МП", Kind.TEXT),
    Column("device_id", "DEVICE ID", Kind.TEXT, personal=True),
    Column("desired_amount", "Желаемая сумма", Kind.AMOUNT),
    Column("approved_amount", "Одобренная сумма", Kind.AMOUNT),
    Column("product_type", "Тип продукта", Kind.TEXT),
    Column("term", "Срок займа", Kind.WHOLE),
    _choice("term_unit", "Размерность срока займа", PeriodUnit.values),
    Column("grace", "Длительность грейса", Kind.WHOLE),
    _choice("grace_unit", "Размерность срока длительности грейса", PeriodUnit.values),
)
NAMES = tuple(column.name for column in COLUMNS)
TITLES = {column.name: column.title for column in COLUMNS}
REQUIRED = frozenset(column.name for column in COLUMNS if column.required)
PERSONAL = frozenset(column.name for column in COLUMNS if column.personal)


def column_title(name: str) -> str:
    """The Russian name of a column; empty where ``name`` is not that of a column."""
    return TITLES.get(name, "")


PHONE_ANYWHERE = re.compile(r"(?<![0-9])[78][0-9]{10}(?![0-9])")  # columns may be swapped
SHORT = 4  # so few letters identify nobody
SHOWN_START, SHOWN_END = 1, 2


def masked_value(name: str, value: str) -> str:
    """A wrong value as screens show it: enough to see what is wrong, not whose it is."""
    if name in PERSONAL:
        return _masked(value)
    return PHONE_ANYWHERE.sub(lambda phone: _masked(phone[0]), value)


def _masked(value: str) -> str:
    if len(value) <= SHORT:
        return value
    middle = re.sub(r"\w", "*", value[SHOWN_START:-SHOWN_END])
    return value[:SHOWN_START] + middle + value[-SHOWN_END:]
