"""The search of the back office: applications, clients, conversations, tasks and the do-not-call
list at once, each answered from an index and cut to a few rows.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.campaigns import selectors as campaigns
from apps.filters import selectors as filters
from apps.filters.types import FoundClient
from apps.supervision.search_terms import Terms

SHOWN = 10  # of a kind, where all kinds are shown
PAGE_ROWS = 50  # where one kind is
LAST_PAGE = 10  # whoever has not found it by then searches for something else
MOST_PHONES = 20  # of the clients whose other rows are shown


class Kind(StrEnum):
    """What a search finds, in the order of the page."""

    CLIENTS = "clients"
    APPLICATIONS = "applications"
    CONVERSATIONS = "conversations"
    TASKS = "tasks"
    DO_NOT_CALL = "do-not-call"


@dataclass(frozen=True, slots=True)
class KindWords:
    """The heading of a kind, and the right that its rows need."""

    title: Promise
    permission: str


WORDS = {
    Kind.CLIENTS: KindWords(_("Clients"), "filters.view_application"),
    Kind.APPLICATIONS: KindWords(_("Applications"), "filters.view_application"),
    Kind.CONVERSATIONS: KindWords(_("Conversations"), "campaigns.view_communication"),
    Kind.TASKS: KindWords(_("Tasks"), "campaigns.view_campaigntask"),
    Kind.DO_NOT_CALL: KindWords(_("Do-not-call list"), "campaigns.view_donotcallentry"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of each kind are wanted."""

    rows: int
    skip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The terms, and the phones that they mean. ``is_numbered``: the number is an application's;
    ``is_wide``: so many clients fit that their phones are not among ``phones``."""

    terms: Terms
    phones: tuple[str, ...]
    is_numbered: bool
    is_wide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of one kind; ``has_more``: there are others behind them."""

    kind: Kind
    rows: Sequence[Any]
    has_more: bool

    @property
    def title(self) -> Promise:
        return WORDS[self.kind].title


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, kinds without rows left out. ``is_wide``: so many clients fit that their
    other rows were not looked for."""

    found: Sequence[Found]
    is_wide: bool


def search(terms: Terms, kinds: Collection[Kind], part: Part) -> Answer:
    """The rows of these kinds that ``terms`` means, as far as ``part`` wants them. ``kinds`` are
    those that the person may see."""
    meant = _meant(terms)
    found = [_found(kind, meant, part) for kind in Kind if kind in kinds]
    return Answer(found=[one for one in found if one.rows], is_wide=meant.is_wide)


def page_part(page: int) -> Part:
    """The rows of this page of one kind, from 1."""
    return Part(PAGE_ROWS, (min(max(page, 1), LAST_PAGE) - 1) * PAGE_ROWS)


def _found(kind: Kind, meant: Meant, part: Part) -> Found:
    """The row whose own number was typed, then the others."""
    wants_own = meant.terms.id is not None and kind in BY_ID and not part.skip
    own = BY_ID[kind](meant.terms.id) if wants_own else []
    others = FINDERS[kind](meant, part)
    rows = [*own, *(row for row in others[: part.rows] if row not in own)]
    return Found(kind=kind, rows=rows, has_more=len(others) > part.rows)


def _meant(terms: Terms) -> Meant:
    numbered = filters.applications_of_number(terms.number, MOST_PHONES) if terms.number else []
    phones = [terms.phone] if terms.phone else []
    phones += [row.phone for row in numbered]
    clients = _named(terms, MOST_PHONES + 1, 0)
    is_wide = len(clients) > MOST_PHONES
    if not is_wide:
        phones += [client.phone for client in clients]
    return Meant(
        terms=terms,
        phones=tuple(dict.fromkeys(phones)),
        is_numbered=bool(numbered),
        is_wide=is_wide,
    )


def _named(terms: Terms, limit: int, skip: int) -> list[FoundClient]:
    if terms.words:
        return filters.clients_of_name(terms.words, limit, skip)
    return filters.clients_of_digits(terms.digits, limit, skip) if terms.digits else []


def _clients(meant: Meant, part: Part) -> Sequence[Any]:
    if meant.terms.words or meant.is_wide:
        return _named(meant.terms, part.rows + 1, part.skip)
    return filters.clients_of_phones(meant.phones, part.rows + 1, part.skip)


def _applications(meant: Meant, part: Part) -> Sequence[Any]:
    if meant.is_numbered:
        return filters.applications_of_number(meant.terms.number, part.rows + 1, part.skip)
    return filters.applications_of_phones(meant.phones, part.rows + 1, part.skip)


def _conversations(meant: Meant, part: Part) -> Sequence[Any]:
    return campaigns.find_conversations(meant.phones, part.rows + 1, part.skip)


def _tasks(meant: Meant, part: Part) -> Sequence[Any]:
    return campaigns.find_tasks(meant.phones, part.rows + 1, part.skip)


def _do_not_call(meant: Meant, part: Part) -> Sequence[Any]:
    return campaigns.find_do_not_call(meant.phones, part.rows + 1, part.skip)


BY_ID: dict[Kind, Callable[[Any], Sequence[Any]]] = {
    Kind.CONVERSATIONS: campaigns.find_conversation,
    Kind.TASKS: campaigns.find_task,
}
FINDERS: dict[Kind, Callable[[Meant, Part], Sequence[Any]]] = {
    Kind.CLIENTS: _clients,
    Kind.APPLICATIONS: _applications,
    Kind.CONVERSATIONS: _conversations,
    Kind.TASKS: _tasks,
    Kind.DO_NOT_CALL: _do_not_call,
}
