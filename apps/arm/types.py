"""Records that the operator workplace shows: its changes, and the client card with its parts, which
the core shows but does not judge."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.campaigns.types import PromisedCall, ResultCount

COMMUNICATION = "campaigns.communication"  # in the access log
CHANGED_CHANNEL = "arm:changed"  # in Redis: ids of operators whose changes are others now
AGES = range(18, 129)  # of a client outside these bounds the contract does not tell the age


class OperatorStatus(TextChoices):
    """What an operator is doing, as the workplace shows it at all times."""

    READY = "READY", _("takes calls")  # and waits for one
    BREAK = "BREAK", _("has a break")  # signed in, but gets no calls
    IN_CALL = "IN_CALL", _("talks with a client")
    WRAP_UP = "WRAP_UP", _("fills in the result")  # the call has ended, its result is awaited
    OFFLINE = "OFFLINE", _("has no session in telephony")


class PeriodState(TextChoices):
    """What an operator was doing, as it is kept; what it is now is an OperatorStatus."""

    READY = "READY", _("ready")
    BREAK = "BREAK", _("break")
    IN_CALL = "IN_CALL", _("in a call")
    WRAP_UP = "WRAP_UP", _("after the call")
    OFFLINE = "OFFLINE", _("without telephony")  # signed in, but telephony has not agreed
    SIGNED_OUT = "SIGNED_OUT", _("signed out")


class Bucket(StrEnum):
    """By what times are added up, in Moscow. The value is PostgreSQL's word."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTime:
    """How long an operator was in a state, within the hour or day that begins at ``begins_at``.
    ``break_reason`` is "" where the state is no break, or a break without a reason."""

    operator_id: int
    begins_at: datetime
    state: PeriodState
    break_reason: str
    duration: timedelta

    @property
    def seconds(self) -> int:
        """The duration in whole seconds."""
        return round(self.duration.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentState:
    """What an operator does, and since when."""

    state: PeriodState
    since: datetime
    break_reason: str


class TelephonyState(TextChoices):
    """Whether telephony has taken over what the operator is doing."""

    CONNECTED = "CONNECTED", _("has agreed")
    CONNECTING = "CONNECTING", _("is asked")
    DOWN = "DOWN", _("does not answer")  # it is asked again by itself
    REFUSED = "REFUSED", _("refuses the operator")  # until somebody changes the account
    NO_ACCOUNT = "NO_ACCOUNT", _("the operator has no account there")


@dataclass(frozen=True, slots=True)
class OperatorPresence:
    """READY, BREAK or OFFLINE as telephony has confirmed it, and how far it has."""

    status: OperatorStatus
    telephony: TelephonyState


NOT_ON_LINE = OperatorPresence(OperatorStatus.OFFLINE, TelephonyState.CONNECTING)


class Change(TextChoices):
    """What the operator's page should react to."""

    CLIENT_CARD_READY = "CLIENT_CARD_READY", _("fetch the client card")  # until it is fetched
    CALL_FINISHED = "CALL_FINISHED", _("save the result")  # until it is saved, or its time is up
    REWORK_LIST_CHANGED = "REWORK_LIST_CHANGED", _("fetch the cards for rework")  # until fetched


@dataclass(frozen=True, slots=True)
class Changes:
    """What there is to react to, what the operator is doing, and the conversation they are in."""

    names: tuple[Change, ...]
    status: OperatorStatus
    communication_id: int | None = None
    result_due_at: datetime | None = None
    telephony: TelephonyState | None = None  # None when it has agreed, and during a conversation
    other_places: int | None = None  # where else the operator is logged in; None: nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a log-in at the workplace gives. ``other_places``: at how many other places the operator
    is logged in now."""

    token: str
    first_name: str
    last_name: str
    other_places: int


class ProductKind(TextChoices):
    """What a row of the client's products is."""

    APPLICATION = "APPLICATION", _("application")  # not paid out yet, or refused
    LOAN = "LOAN", _("loan")


@dataclass(frozen=True, slots=True)
class FullName:
    """A client's name; ``middle`` is the patronymic, "" for whoever has none."""

    first: str
    last: str
    middle: str = ""


@dataclass(frozen=True, slots=True)
class DictionaryItem:
    """A value of one of the domain's dictionaries: its key and the words for it."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DocumentError:
    """What is wrong with a document, and what to advise the client; "": no advice."""

    description: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an application. ``status`` is the domain's own word, such as ``ERROR``."""

    name: str
    status: str
    kind: DictionaryItem | None = None
    errors: tuple[DocumentError, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """An application or a loan of the client. Amounts in kopecks; ``interest_rate`` in hundredths
    of a per cent a day. ``term`` and ``grace`` count ``term_unit`` and ``grace_unit``. ``flow`` is
    the domain's name of the way in which the application came, "" when unknown.
    """

    kind: ProductKind
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
    """A product to offer. Amounts in kopecks; ``interest_rate`` in hundredths of a per cent a
    day."""

    code: str
    name: str
    min_amount: int
    max_amount: int
    interest_rate: int
    min_term: int
    max_term: int
    term_unit: str


class PersonStatus(TextChoices):
    """Whether what a service knows of a phone is about the person whom we call there."""

    SAME = "SAME", _("the same person")
    DIFFERENT = "DIFFERENT", _("another person")
    UNKNOWN = "UNKNOWN", _("not known")  # nothing differs, but too little is known to be sure


class PersonAttribute(TextChoices):
    """What two records of a person may differ in. The values are the contract's."""

    NAME = "name", _("person's name")
    BIRTH_DATE = "birthDate", _("birth date")
    DOCUMENT = "document", _("document")


@dataclass(frozen=True, slots=True)
class PersonCheck:
    """The comparison of the person whom we call with the one whom a service knows by the phone."""

    status: PersonStatus
    differs: tuple[PersonAttribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The fields that the card shows of a person as the domain tells them."""

    name_ru: FullName | None = None
    name_en: FullName | None = None
    citizenship: str = ""
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClientRecord(Person):
    """All that the domain knows of a client. ``unavailable`` names the parts that a service did
    not answer for in time: ``applications``, ``offers``; ``pending`` those that services are still
    asked for. ``person_check`` is None where no service knows the phone. Where it is DIFFERENT,
    nothing in the record is of the other person."""

    products: tuple[Product, ...] = ()
    offers: tuple[Offer, ...] = ()
    unavailable: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    person_check: PersonCheck | None = None


@dataclass(frozen=True, slots=True)
class ClientInfo(Person):
    """Who is called. ``age`` in full years on the day of the call, None outside ``AGES``."""

    phone: str = field(kw_only=True)
    age: int | None = None


@dataclass(frozen=True, slots=True)
class OperatorName:
    """Who talked with the client."""

    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class FilledInResult:
    """What the operator filled in so far; "" and None where nothing."""

    reason: str = ""
    result: str = ""
    comment: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationSummary:
    """One conversation: a line of the history, of the cards for rework, or the present one.
    ``application_number`` is "" when unknown, ``ended_at`` None while the call goes on.
    ``time_zone`` is that of the campaign, such as ``Asia/Krasnoyarsk``; "" when unknown.
    ``person_unknown`` is True where the number has changed hands, and nobody can say whether the
    conversation was with the client or with the number's former owner; else None.
    ``version`` and ``correctable_until`` are known in the operator's own day alone: until then the
    operator may correct the result, which has this version."""

    id: int
    phone: str
    started_at: datetime
    ended_at: datetime | None = None
    campaign_name: str
    campaign_description: str
    operator: OperatorName
    time_zone: str = ""
    application_number: str = ""
    result: FilledInResult = FilledInResult()
    person_unknown: bool | None = None
    version: int | None = None
    correctable_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCard:
    """What is collected of a client when the call starts, and stored with the communication.
    ``pending`` names the parts of a card that is not stored yet: it is never stored itself.

    ``history_withheld``: how many conversations of this phone with other persons are left out; None
    where none is.

    A field that is added later needs a default: cards that were stored before have no such key.
    """

    client: ClientInfo
    products: tuple[Product, ...] = ()
    offers: tuple[Offer, ...] = ()
    history: tuple[CommunicationSummary, ...] = ()
    history_withheld: int | None = None
    unavailable: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    person_check: PersonCheck | None = None
    script: str = ""


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A prepared card, and the conversation that it is about, as it stands now."""

    prepared: PreparedCard
    communication: CommunicationSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """What an operator has done today; ``promised`` are callbacks that wait, soonest first."""

    talks: int
    talk_seconds: int
    results: tuple[ResultCount, ...]
    states: tuple[StateTime, ...]
    promised: tuple[PromisedCall, ...]
    latest: tuple[CommunicationSummary, ...]
