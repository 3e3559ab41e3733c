"""The 31 columns of an incoming file (appendix A), in the order of a file without header."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How the text of a column is written."""

    DIGITS = auto()
    DATE = auto()
    TIME = auto()
    CHOICE = auto()
    PHONE = auto()
    COUNTRY = auto()
    TEXT = auto()
    AMOUNT = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its Russian title in appendix A, and what may stand in it."""

    name: str
    title: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()


def _choice(name: str, title: str, choices: str, *, required: bool = False) -> Column:
    return Column(name, title, Kind.CHOICE, required, tuple(choices.split()))


COLUMNS = (
    Column("application_number", "Номер заявки", Kind.DIGITS, required=True),
    Column("created_date", "Дата создания заявки / черновика", Kind.DATE, required=True),
    Column("created_time", "Время создания заявки / черновика", Kind.TIME, required=True),
    Column("changed_date", "Дата значимого изменения заявки", Kind.DATE, required=True),
    Column("changed_time", "Время значимого изменения заявки", Kind.TIME, required=True),
    _choice(
        "application_status",
        "Бизнес статус заявки",
        "created registered scored canceled",
        required=True,
    ),
    Column("loan_changed_date", "Дата значимого изменения займа", Kind.DATE),
    Column("loan_changed_time", "Время значимого изменения займа", Kind.TIME),
    # the source's own example spells `recieved`
    _choice("loan_status", "Бизнес статус займа", "transferred received recieved canceled repaid"),
    _choice("scoring_result", "Результат скоринга", "approved rejected"),
    _choice("client_type", "Тип клиента", "pioneer repeater", required=True),
    Column("phone", "Номер телефона", Kind.PHONE, required=True),
    Column("face_id", "faceID", Kind.TEXT),
    Column("citizenship", "Гражданство", Kind.COUNTRY),
    Column("document_series", "Серия", Kind.TEXT),
    Column("document_number", "Номер", Kind.TEXT),
    Column("last_name", "Фамилия", Kind.TEXT),
    Column("first_name", "Имя", Kind.TEXT),
    Column("middle_name", "Отчество", Kind.TEXT),
    Column("birth_date", "Дата рождения", Kind.DATE),
    _choice("sex", "Пол", "M F"),
    Column("device_os", "ОС", Kind.TEXT),
    Column("app_version", "Версия МП", Kind.TEXT),
    Column("device_id", "DEVICE ID", Kind.TEXT),
    Column("desired_amount", "Желаемая сумма", Kind.AMOUNT),
    Column("approved_amount", "Одобренная сумма", Kind.AMOUNT),
    Column("product_type", "Тип продукта", Kind.TEXT),
    Column("term", "Срок займа", Kind.WHOLE),
    _choice("term_unit", "Размерность срока займа", "day month"),
    Column("grace", "Длительность грейса", Kind.WHOLE),
    _choice("grace_unit", "Размерность срока длительности грейса", "day month"),
)
NAMES = tuple(column.name for column in COLUMNS)
TITLES = {column.name: column.title for column in COLUMNS}
REQUIRED = frozenset(column.name for column in COLUMNS if column.required)
PERSONAL = frozenset(
    (
        "phone",
        "face_id",
        "document_series",
        "document_number",
        "last_name",
        "first_name",
        "middle_name",
        "birth_date",
        "device_id",
    )
)
