"""What the rules judge by: the snapshot of an application and what is known around it. Plain
values, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from apps.filters.types import ApplicationKey

DAYS_OF_A_MONTH = 30  # specification, filters.md


class ApplicationFacts(NamedTuple):
    """The row of an application, in the order of ``COLUMNS``. Amounts in rubles; "" is unknown."""

    id: int
    stream: str
    application_number: str
    created_at: datetime
    changed_at: datetime
    application_status: str
    loan_status: str
    scoring_result: str
    client_type: str
    phone: str
    face_id: str
    citizenship: str
    document_series: str
    document_number: str
    last_name: str
    first_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    device_os: str
    app_version: str
    device_id: str
    desired_amount: Decimal | None
    approved_amount: Decimal | None
    product_type: str
    term: int | None
    term_unit: str
    grace: int | None
    grace_unit: str

    @property
    def source_key(self) -> str:
        """How the core names this application."""
        return str(ApplicationKey(self.id))


COLUMNS = ApplicationFacts._fields


def in_days(count: int, unit: str) -> int:
    """A period in days; a month is 30, and a period without a unit is in days already."""
    return count * DAYS_OF_A_MONTH if unit == "month" else count


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """What is known beside the application, asked of our own tables once for a whole batch."""

    now: datetime
    today: date  # in Moscow
    last_called_at: Mapping[str, datetime] = field(default_factory=dict)
    refused_phones: frozenset[str] = frozenset()


class Question(StrEnum):
    """What may be asked of an outside service about an application."""

    BLACKLIST = "BLACKLIST"
    CHECKS = "CHECKS"
    CLIENT = "CLIENT"
    PRODUCTS = "PRODUCTS"


@dataclass(slots=True)
class ServiceAnswers:
    """What the services have answered about one application so far."""

    blacklist: "BlacklistAnswer | None" = None
    checks: dict[str, str] = field(default_factory=dict)
    client: "ClientAnswer | None" = None
    products: "ProductsAnswer | None" = None


@dataclass(frozen=True, slots=True)
class BlacklistAnswer:
    """``blocked``: a live record exists; ``reason`` is BlackList's own."""

    blocked: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """What Casper has of the client; None when it knows nobody such."""

    client: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ProductsAnswer:
    """What Abram offers."""

    borrower_type: str
    products: tuple[Mapping[str, Any], ...]
