"""The facts a cascade judges an application by: its snapshot, the client's history, and the answers
of outside services. Plain values, which rules read and never change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from apps.filters.types import ApplicationKey, PeriodUnit

DAYS_OF_A_MONTH = 30  # so that periods in days and in months can be compared


class ApplicationFacts(NamedTuple):
    """What rules and the client card read of a row of ``Application``; fields are its columns.

    Amounts are in rubles. An unknown value is None, of a text "". A test compares every field with
    the model, so a new one is a line here and nothing else.
    """

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
        """The name by which the core's tables point to this application: ``application:42``."""
        return str(ApplicationKey(self.id))


COLUMNS = ApplicationFacts._fields  # what a query of facts selects, in this order


def in_days(count: int, unit: str) -> int:
    """A period in days. A month has 30; a period without a unit is in days already."""
    return count * DAYS_OF_A_MONTH if unit == PeriodUnit.MONTH else count


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """What our own tables know of the clients of a batch, and the moment to judge them by.

    The phones are filled in only where a filter of the cascades needs them.
    """

    now: datetime
    today: date  # in Moscow
    # phone → its latest call with an operator, in any campaign; absent: never
    last_called_at: Mapping[str, datetime] = field(default_factory=dict)
    # phones whose owners refused for good, in any campaign
    refused_phones: frozenset[str] = frozenset()


class Question(StrEnum):
    """What a filter needs a service to say about an application."""

    BLACKLIST = "BLACKLIST"  # BlackList: are the phone and the device on the blacklist
    CHECKS = "CHECKS"  # Abram: the results of all ML checks that the cascades need, in one answer
    CLIENT = "CLIENT"  # Casper: the client with all applications and loans
    PRODUCTS = "PRODUCTS"  # Abram: the products that the client may be offered


@dataclass(slots=True)
class ServiceAnswers:
    """What services have answered about one application so far; None: not asked, or no answer."""

    blacklist: "BlacklistAnswer | None" = None
    checks: dict[str, str] = field(default_factory=dict)  # check → its result
    client: "ClientAnswer | None" = None
    products: "ProductsAnswer | None" = None


@dataclass(frozen=True, slots=True)
class BlacklistAnswer:
    """What BlackList says of a client."""

    blocked: bool  # whether a record exists that has not expired
    reason: str = ""  # in BlackList's own words


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """What Casper says of a client."""

    client: Mapping[str, Any] | None  # Casper's JSON; None: it does not know the client


@dataclass(frozen=True, slots=True)
class ProductsAnswer:
    """What Abram offers to a client."""

    borrower_type: str  # Abram's word
    products: tuple[Mapping[str, Any], ...]
