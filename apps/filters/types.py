"""What crosses the border of the filters: words of an application, countries, results of an import.

The words are those of the files and of outside services [source appendix А]. The label of a word is
what an operator reads on the client card, so it is Russian whatever the language of the page.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices

from apps.campaigns.types import TaskStanding
from apps.filters.countries import COUNTRIES

COUNTRY_CODES = frozenset(COUNTRIES)
# the names that people write, in small letters: those of the table, and some that are still common
CODE_OF_COUNTRY = {name.casefold(): code for code, name in COUNTRIES.items()} | {
    "рф": "RUS",
    "российская федерация": "RUS",
    "киргизия": "KGZ",
    "кыргызстан": "KGZ",
    "молдавия": "MDA",
    "белоруссия": "BLR",
}
# Tag of the system checks of stored cascades whose messages have a CascadeStreams as their object.
# The back office shows them when a cascade is saved.
CASCADE_CHECKS = "cascades"
KEY_KIND = "application"  # the first part of a source key, before the colon
LIST_KIND = "CALL_LIST"  # the first part of the stream of call lists; no data stream has a colon


def call_list_stream(campaign_id: int) -> str:
    """The stream of the rows of a campaign's call lists: ``CALL_LIST:3``. No other campaign takes
    it."""
    return f"{LIST_KIND}:{campaign_id}"


def campaign_of_call_lists(stream: str) -> int | None:
    """The campaign whose call lists this stream is of; None for a stream of incoming files."""
    kind, _, number = stream.partition(":")
    return int(number) if kind == LIST_KIND and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class ApplicationKey:
    """Names one snapshot of an application in the core's tables, which point to it by value:
    ``str(ApplicationKey(42))`` is ``application:42``, the ``source_key`` of tasks and decisions.
    """

    application_id: int

    def __str__(self) -> str:
        return f"{KEY_KIND}:{self.application_id}"

    @classmethod
    def parse(cls, source_key: str) -> "ApplicationKey | None":
        """The key that this text is, or None when it names something other than an application."""
        kind, _, number = source_key.partition(":")
        return cls(int(number)) if kind == KEY_KIND and number.isdecimal() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClient:
    """A person and the phone they applied with."""

    id: int
    phone: str
    masked_phone: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundApplication:
    """One snapshot of an application, and where it came from. ``status`` is in the reader's
    language."""

    id: int
    number: str
    phone: str
    masked_phone: str
    name: str
    stream: str
    status: str
    changed_at: datetime
    stored_at: datetime
    file_id: int
    line: int


def subject_key(stream: str, application_number: str) -> str:
    """Names an application across its snapshots, as the core's tasks keep it:
    ``MOBILE_LOANS/34697463``."""
    return f"{stream}/{application_number}"


class ApplicationStatus(TextChoices):
    """How far an application has come."""

    CREATED = "created", "Создана"  # a draft, not sent yet
    REGISTERED = "registered", "Зарегистрирована"  # sent, not scored yet
    SCORED = "scored", "Прошла оценку"  # scored: ``scoring_result`` tells how
    CANCELED = "canceled", "Отменена"


class LoanStatus(TextChoices):
    """How far a loan has come. Empty in a row: the application has no loan."""

    TRANSFERRED = "transferred", "Деньги отправлены"  # the money is on its way to the client
    RECEIVED = "received", "Деньги получены"  # the client has the money
    CANCELED = "canceled", "Отменен"
    REPAID = "repaid", "Погашен"  # the client has paid the money back


# other spellings of a loan status, which files and settings may use too
MISSPELT_RECEIVED = "recieved"  # so the source's own example has it
LOAN_STATUS_SYNONYMS = {MISSPELT_RECEIVED: LoanStatus.RECEIVED.value}


class ScoringResult(TextChoices):
    """What scoring decided. Empty in a row: the application is not scored yet."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ClientType(TextChoices):
    """Whether the client has had a loan before."""

    PIONEER = "pioneer"  # no loan before this application
    REPEATER = "repeater"  # at least one


class Sex(TextChoices):
    """The sex of a client, as the files write it."""

    MALE = "M"
    FEMALE = "F"


class PeriodUnit(TextChoices):
    """What a term or a grace period is counted in."""

    DAY = "day", "дн."
    MONTH = "month", "мес."  # 30 days, wherever periods are compared


@dataclass(frozen=True, slots=True)
class ImportedApplications:
    """How many snapshots of applications came, and how many of them were new.

    All that are new have ids from ``first_id`` to ``last_id``, where those of other imports may lie
    too; None: none is new.
    """

    rows: int
    added: int
    first_id: int | None = None
    last_id: int | None = None

    @property
    def duplicates(self) -> int:
        """How many snapshots were stored before, or came twice in one file."""
        return self.rows - self.added


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """What became of a stored row of a file in one campaign. The texts are for people."""

    line: int  # where the row stands in its file
    verdict: str  # e.g. "stopped"; empty: not judged yet
    rule: str  # the filter that stopped it, or whose service it waits for
    reason: str
    standing: TaskStanding | None  # None: no task was made


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row of an incoming file that was not stored, and why. The texts are for people."""

    at: datetime  # when the file was read
    stream: str
    file: str  # its name
    line: int  # where the row begins, from 1
    outcome: str  # e.g. "the file was rejected"
    reasons: tuple[str, ...]  # the broken rules; what rejected the file, for a row that is right
    page: str  # the path of the file's page in the back office


@dataclass(frozen=True, slots=True)
class CascadeStreams:
    """The data streams that a campaign's cascade takes, and the place where they are configured."""

    campaign_id: int
    place: str  # e.g. "campaign 7", as messages name it
    streams: tuple[str, ...]

    def __str__(self) -> str:
        """How a system check names its object."""
        return self.place
