"""What crosses the border of the operator workplace: the parts of a client card, which the core
shows but does not judge."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class OperatorStatus(StrEnum):
    """What an operator is doing, as the workplace always shows it."""

    READY = "READY"
    BREAK = "BREAK"
    IN_CALL = "IN_CALL"
    WRAP_UP = "WRAP_UP"
    OFFLINE = "OFFLINE"


@dataclass(frozen=True, slots=True)
class FullName:
    first: str
    last: str
    middle: str = ""


@dataclass(frozen=True, slots=True)
class DictionaryItem:
    """A value of some dictionary of the domain: its key and the words for it."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DocumentError:
    description: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an application and what is wrong with it."""

    name: str
    status: str
    kind: DictionaryItem | None = None
    errors: tuple[DocumentError, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """An application or a loan of the client. Amounts in kopecks; ``interest_rate`` per day, % x
    100."""

    kind: str  # APPLICATION or LOAN
    number: str
    started_at: datetime
    ended_at: datetime
    term: int
    grace: int
    current: bool
    status: DictionaryItem | None = None
    product: DictionaryItem | None = None
    requested_amount: int | None = None
    approved_amount: int | None = None
    term_unit: DictionaryItem | None = None
    grace_unit: DictionaryItem | None = None
    documents: tuple[Document, ...] = ()
    retail_chain: DictionaryItem | None = None
    device_os: DictionaryItem | None = None
    credit_method: DictionaryItem | None = None
    flow: str = ""
    interest_rate: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A product to offer. Amounts in kopecks; ``interest_rate`` per day, % x 100."""

    code: str
    name: str
    min_amount: int
    max_amount: int
    interest_rate: int
    min_term: int
    max_term: int
    term_unit: str


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """All that the domain knows of a client. ``unavailable`` names parts that a service did not
    answer for in time: ``applications``, ``offers``."""

    name_ru: FullName | None = None
    name_en: FullName | None = None
    citizenship: str = ""
    born_on: date | None = None
    products: tuple[Product, ...] = ()
    offers: tuple[Offer, ...] = ()
    unavailable: tuple[str, ...] = field(default=())
