"""Who may do what: each operation of the system, and its outcome for each caller.

An operation is a method, a route as the URL resolver has it, and the object that it is about.
``test_access`` tries each, and fails for a route that has no row here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.campaigns.models import (
    AttentionItem,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    DoNotCallEntry,
)
from apps.campaigns.states import CommunicationState
from apps.filters.models import Application, Cascade
from apps.ingest.models import IncomingFile
from apps.security.models import AccessRecord, Operator, OperatorAuth
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator, MightyCallTask
from common.clock import now
from tests.access.apis import FILES, READING, SECURITY, SYSTEM, WORKPLACE
from tests.access.back_office import BACK_OFFICE, CASCADES, FLOOR, PEOPLE, pages_of_rows
from tests.access.callers import Caller

Body = Mapping[str, Any]


class Outcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    UNKNOWN = "401"  # no token that is good; the security service says so by a code, with HTTP 200
    FORBIDDEN = "403"  # known, but the role is too low
    MISSING = "404"  # looks as if it did not exist
    LOG_IN = "log-in"  # is shown the log-in page of the back office, or sent there


YES, NO, UNKNOWN, MISSING, LOG_IN = (
    Outcome.ALLOWED,
    Outcome.FORBIDDEN,
    Outcome.UNKNOWN,
    Outcome.MISSING,
    Outcome.LOG_IN,
)
Policy = dict[Caller, Outcome]


def _policy(*outcomes: Outcome) -> Policy:
    return dict(zip(Caller, outcomes, strict=True))


# fmt: off
#                  anonymous operator colleague senior   administrator locked expired logged out
EVERYBODY = _policy(YES,     YES,     YES,     YES,     YES,     YES,     YES,     YES)
NOBODY    = _policy(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
# a password opens to whoever is not locked; the anonymous one is wrong
PASSWORD  = _policy(UNKNOWN, YES,     YES,     YES,     YES,     UNKNOWN, YES,     YES)
# a live token
TOKEN     = _policy(UNKNOWN, YES,     YES,     YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
SENIOR    = _policy(UNKNOWN, UNKNOWN, UNKNOWN, YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
READER    = _policy(UNKNOWN, NO,      NO,      YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
# only whose conversation it is; a colleague's looks like none
OWN       = _policy(UNKNOWN, YES,     MISSING, MISSING, MISSING, UNKNOWN, UNKNOWN, UNKNOWN)
# pages of the back office
BACK      = _policy(LOG_IN,  LOG_IN,  LOG_IN,  YES,     YES,     LOG_IN,  LOG_IN,  LOG_IN)
ADMINS    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  NO,      YES,     LOG_IN,  LOG_IN,  LOG_IN)
CLOSED    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  NO,      NO,      LOG_IN,  LOG_IN,  LOG_IN)
ABSENT    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  MISSING, MISSING, LOG_IN,  LOG_IN,  LOG_IN)
# the log-in page sends on whoever is in, and the password opens it to whom it is meant for
ENTRANCE  = _policy(LOG_IN,  LOG_IN,  LOG_IN,  YES,     YES,     LOG_IN,  YES,     YES)
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What an operation may be about: ids of rows by their name, and who asks."""

    ids: Mapping[str, int]
    phone: str
    login: str = "nobody"
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row of the table. ``path`` names the ids that fill the route's placeholders. ``query``
    is asked for, or ``body`` sent; ``form`` is sent as a page would."""

    method: str
    route: str
    policy: Policy
    path: tuple[str, ...] = ()
    query: Callable[[Scene], Body] | None = None
    body: Callable[[Scene], Body] | None = None
    form: Callable[[Scene], Body] | None = None
    about: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.method, f"/{self.route}", self.about)))


def _get(route: str, policy: Policy, **options: Any) -> Operation:
    return Operation(method="GET", route=route, policy=policy, **options)


def _post(route: str, policy: Policy, **options: Any) -> Operation:
    return Operation(method="POST", route=route, policy=policy, **options)


def _credentials(scene: Scene) -> Body:
    return {"login": scene.login, "password": "correct horse battery"}


def _token(scene: Scene) -> Body:
    return {"token": scene.token}


def _communication(scene: Scene) -> Body:
    return {"communicationId": scene.ids["communication"]}


def _result(scene: Scene) -> Body:
    result = {"result": "Согласен оформить", "comment": "да"}
    return {
        **_communication(scene),
        "clientPhone": scene.phone,
        "communicationResult": result,
    }


def _correction(scene: Scene) -> Body:
    """Of a result that is saved already; whoever sends it undoes that with all the rest."""
    saved = Communication.objects.filter(pk=scene.ids["communication"])
    saved.update(state=CommunicationState.FIXED, fixed_at=now())
    return {**_communication(scene), "communicationResult": {"result": "Согласен оформить"}}


SYSTEM = (
    _get("", EVERYBODY),
    _get("arm/", EVERYBODY),
    _get("arm/password/", EVERYBODY),
    _post("arm/password/", EVERYBODY),  # asks for the password of now
    _get("health/live", EVERYBODY),
    _get("health/ready", EVERYBODY),
    _get("metrics", NOBODY, about="without the token of Prometheus"),
    _get("api/schema/", EVERYBODY),
    _get("api/docs/", EVERYBODY),
    _post("i18n/setlang/", EVERYBODY, form=lambda _: {"language": "en"}),
)
SECURITY = (
    _post("api/security/v1/login", PASSWORD, body=_credentials),
    _post("api/security/v1/logout", EVERYBODY, body=_token),
    _post("api/security/v1/checkAccess", TOKEN, body=_token, about="of the workplace"),
    _post(
        "api/security/v1/checkAccess",
        SENIOR,
        body=lambda scene: {**_token(scene), "resource": "admin"},
        about="of the back office",
    ),
)
WORKPLACE = (
    _post("api/arm/v1/login", PASSWORD, body=_credentials),
    _get("api/arm/v1/logout", TOKEN),
    _post("api/arm/v1/takeOver", TOKEN),
    _get("api/arm/v1/hasChanges", TOKEN),
    _get("api/arm/v1/changes", TOKEN),
    _get("api/arm/v1/getClientCard", OWN),
    _post("api/arm/v1/getClientCardByCommunicationId", OWN, body=_communication),
    _get("api/arm/v1/listCommunications", TOKEN),
    _post("api/arm/v1/saveCommunicationDraft", OWN, body=_result),
    _post("api/arm/v1/saveCommunicationResult", OWN, body=_result),
    _post("api/arm/v1/correctResult", OWN, body=_correction),
    _post("api/arm/v1/revealPhone", OWN, body=_communication),
    _get("api/arm/v1/dictionaries", OWN, query=_communication),
    _get("api/arm/v1/day", TOKEN),
    _post("api/arm/v1/setStatus", TOKEN, body=lambda _: {"status": "BREAK"}),
)
BACK_OFFICE = (
    _get("admin/", BACK),
    _get("admin/login/", ENTRANCE | {Caller.EXPIRED: LOG_IN, Caller.LOGGED_OUT: LOG_IN}),
    _post(
        "admin/login/",
        ENTRANCE,
        form=lambda scene: {"username": scene.login, "password": "correct horse battery"},
    ),
    _post("admin/logout/", EVERYBODY),
    _get("admin/password_change/", BACK),
    _post("admin/password_change/", BACK),
    _get("admin/password_change/done/", BACK),
    _get(
        "admin/autocomplete/",
        BACK,
        query=lambda _: {
            "app_label": "campaigns",
            "model_name": "communication",
            "field_name": "operator",
        },
    ),
    _get("admin/jsi18n/", BACK),
    _get("admin/second-factor/", BACK),
    _post("admin/second-factor/", BACK),
    _get("admin/second-factor/set-up/", BACK),
    _post("admin/second-factor/set-up/", BACK),
    _get("admin/r/<path:content_type_id>/<path:object_id>/", ABSENT, path=("type", "operator")),
    _get(
        "admin/^(?P<app_label>security|campaigns|filters|ingest|telephony)/$",
        BACK,
    ),
    _get("admin/(?P<url>.*)$", ABSENT),
)


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The pages of one kind of row in the back office. To look is to see the list, a row and its
    history, and to choose an action of the list."""

    look: Policy
    add: Policy = field(default_factory=lambda: CLOSED)
    change: Policy = field(default_factory=lambda: CLOSED)
    delete: Policy = field(default_factory=lambda: CLOSED)


READ_ONLY = Pages(look=BACK)
PAGES = {
    Campaign: Pages(look=BACK, add=BACK, change=BACK),
    CampaignTask: READ_ONLY,
    Communication: READ_ONLY,
    Decision: READ_ONLY,
    DoNotCallEntry: READ_ONLY,
    AttentionItem: READ_ONLY,
    Application: READ_ONLY,
    Cascade: Pages(look=BACK, add=BACK, change=BACK),
    IncomingFile: READ_ONLY,
    Operator: Pages(look=BACK, add=BACK, change=BACK, delete=ADMINS),
    OperatorAuth: READ_ONLY,
    AccessRecord: Pages(look=ADMINS),
    MightyCallOperator: Pages(look=BACK, add=BACK, change=BACK),
    MightyCallActiveOperator: READ_ONLY,
    MightyCallTask: READ_ONLY,
}


def _pages() -> Iterator[Operation]:
    for model, pages in PAGES.items():
        options = model._meta
        name = str(options.model_name)
        root = f"admin/{options.app_label}/{name}/"
        row, of_a_row = f"{root}<path:object_id>/", {"path": (name,)}
        yield _get(root, pages.look)
        yield _post(root, pages.look)
        yield _get(f"{root}add/", pages.add)
        yield _post(f"{root}add/", pages.add)
        yield _get(row, BACK, **of_a_row)  # only sends on to the next
        yield _get(f"{row}change/", pages.look, **of_a_row)
        yield _post(f"{row}change/", pages.change, **of_a_row)
        yield _get(f"{row}history/", pages.look, **of_a_row)
        yield _get(f"{row}delete/", pages.delete, **of_a_row)
        yield _post(f"{row}delete/", pages.delete, form=lambda _: {"post": "yes"}, **of_a_row)


OPERATORS = "admin/security/operator/"
OPERATOR_PAGE = f"{OPERATORS}<path:object_id>/"
PASSWORD_PAGE = f"{OPERATORS}<id>/password/"
CASCADE_PAGE = "admin/filters/cascade/<int:cascade_id>/"
# a senior operator changes operators alone: neither other senior operators, itself included, nor
# administrators; nobody deletes themselves
PEOPLE = (
    _get(PASSWORD_PAGE, BACK, path=("operator",)),
    _post(PASSWORD_PAGE, BACK, path=("operator",)),
    *(
        operation
        for person in ("senior", "administrator")
        for operation in (
            _get(f"{OPERATOR_PAGE}change/", BACK, path=(person,), about=f"of a {person}"),
            _post(f"{OPERATOR_PAGE}change/", ADMINS, path=(person,), about=f"of a {person}"),
            _get(PASSWORD_PAGE, ADMINS, path=(person,), about=f"of a {person}"),
            _post(PASSWORD_PAGE, ADMINS, path=(person,), about=f"of a {person}"),
        )
    ),
    _get(f"{OPERATOR_PAGE}delete/", ADMINS, path=("senior",), about="of a senior"),
    _get(f"{OPERATOR_PAGE}delete/", CLOSED, path=("administrator",), about="of oneself"),
)
CASCADES = (
    _get(f"{CASCADE_PAGE}funnel/", BACK, path=("cascade",)),
    _get(f"{CASCADE_PAGE}dry-run/", BACK, path=("cascade",)),
    _post(f"{CASCADE_PAGE}dry-run/", BACK, path=("cascade",)),
    _get(f"{CASCADE_PAGE}rejudge/", BACK, path=("cascade",)),
    _post(f"{CASCADE_PAGE}rejudge/", BACK, path=("cascade",)),
    _get(f"{CASCADE_PAGE}runs/<int:run_id>/", BACK, path=("cascade", "run")),
    _get(f"{CASCADE_PAGE}versions/<int:version>/", BACK, path=("cascade", "version")),
)
FLOOR = (
    _get("admin/floor/", BACK),
    *(
        _post(f"admin/floor/campaigns/<int:campaign_id>/{button}/", BACK, path=("campaign",))
        for button in ("pause", "go-on")
    ),
)
REPORTS = (
    *(
        _get(f"admin/reports/{name}/", BACK)
        for name in ("calls", "operators", "campaigns", "funnel")
    ),
    # a senior operator has the right to export where an administrator gave it
    _get("admin/reports/calls/export/", ADMINS, query=lambda _: {"table": "hours"}),
    _get("admin/reports/operators/export/", ADMINS, query=lambda _: {"table": "operators"}),
    _get("admin/reports/campaigns/export/", ADMINS, query=lambda _: {"table": "campaigns"}),
    _get("admin/reports/funnel/export/", ADMINS, query=lambda _: {"table": "stages"}),
    _get("admin/reports/rows/", BACK),
)
# the read API: its lists, and the row whose number each of them has
READING = tuple(
    operation
    for name, row in {
        "campaigns": "campaign",
        "operators": "operator",
        "applications": "application",
        "tasks": "campaigntask",
        "calls": "call",
        "communications": "communication",
        "decisions": "decision",
    }.items()
    for operation in (
        _get(f"api/v1/{name}", READER),
        _get(f"api/v1/{name}/<int:id>", READER, path=(row,)),
    )
)
# answered before Django looks for a route
FILES = (_get("static/arm/main.js", EVERYBODY),)

TABLE = (
    *SYSTEM,
    *SECURITY,
    *WORKPLACE,
    *READING,
    *BACK_OFFICE,
    *pages_of_rows(),
    *PEOPLE,
    *CASCADES,
    *FLOOR,
    *REPORTS,
    *FILES,
)
