"""Who may do what in the back office."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.campaigns.models import (
    AttentionItem,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    DoNotCallEntry,
)
from apps.filters.models import Application, Cascade
from apps.ingest.models import CallList, IncomingFile
from apps.security.models import AccessRecord, Operator, OperatorAuth
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator, MightyCallTask
from tests.access.callers import Caller
from tests.access.operations import (
    ABSENT,
    ADMINS,
    BACK,
    CLOSED,
    ENTRANCE,
    EVERYBODY,
    LOG_IN,
    MISSING,
    Operation,
    Policy,
    get,
    post,
)

BACK_OFFICE = (
    get("admin/", BACK),
    get("admin/login/", ENTRANCE | {Caller.EXPIRED: LOG_IN, Caller.LOGGED_OUT: LOG_IN}),
    post(
        "admin/login/",
        ENTRANCE,
        form=lambda scene: {"username": scene.login, "password": "correct horse battery"},
    ),
    post("admin/logout/", EVERYBODY),
    get("admin/password_change/", BACK),
    post("admin/password_change/", BACK),
    get("admin/password_change/done/", BACK),
    get(
        "admin/autocomplete/",
        BACK,
        query=lambda _: {
            "app_label": "campaigns",
            "model_name": "communication",
            "field_name": "operator",
        },
    ),
    get("admin/jsi18n/", BACK),
    get("admin/second-factor/", BACK),
    post("admin/second-factor/", BACK),
    get("admin/second-factor/set-up/", BACK),
    post("admin/second-factor/set-up/", BACK),
    get("admin/r/<path:content_type_id>/<path:object_id>/", ABSENT, path=("type", "operator")),
    get(
        "admin/^(?P<app_label>security|campaigns|filters|ingest|telephony)/$",
        BACK,
    ),
    get("admin/(?P<url>.*)$", ABSENT),
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
    CallList: Pages(look=BACK, add=BACK, change=BACK),
    Cascade: Pages(look=BACK, add=BACK, change=BACK),
    IncomingFile: READ_ONLY,
    Operator: Pages(look=BACK, add=BACK, change=BACK, delete=ADMINS),
    OperatorAuth: READ_ONLY,
    AccessRecord: Pages(look=ADMINS),
    MightyCallOperator: Pages(look=BACK, add=BACK, change=BACK),
    MightyCallActiveOperator: READ_ONLY,
    MightyCallTask: READ_ONLY,
}


def pages_of_rows() -> Iterator[Operation]:
    for model, pages in PAGES.items():
        options = model._meta
        name = str(options.model_name)
        root = f"admin/{options.app_label}/{name}/"
        row, of_a_row = f"{root}<path:object_id>/", {"path": (name,)}
        yield get(root, pages.look)
        yield post(root, pages.look)
        yield get(f"{root}add/", pages.add)
        yield post(f"{root}add/", pages.add)
        yield get(row, BACK, **of_a_row)  # only sends on to the next
        yield get(f"{row}change/", pages.look, **of_a_row)
        yield post(f"{row}change/", pages.change, **of_a_row)
        yield get(f"{row}history/", pages.look, **of_a_row)
        yield get(f"{row}delete/", pages.delete, **of_a_row)
        yield post(f"{row}delete/", pages.delete, form=lambda _: {"post": "yes"}, **of_a_row)


OPERATORS = "admin/security/operator/"
OPERATOR_PAGE = f"{OPERATORS}<path:object_id>/"
PASSWORD_PAGE = f"{OPERATORS}<id>/password/"
CASCADE_PAGE = "admin/filters/cascade/<int:cascade_id>/"
# a senior operator changes operators alone: neither other senior operators, itself included, nor
# administrators; nobody deletes themselves
PEOPLE = (
    get(PASSWORD_PAGE, BACK, path=("operator",)),
    post(PASSWORD_PAGE, BACK, path=("operator",)),
    *(
        operation
        for person in ("senior", "administrator")
        for operation in (
            get(f"{OPERATOR_PAGE}change/", BACK, path=(person,), about=f"of a {person}"),
            post(f"{OPERATOR_PAGE}change/", ADMINS, path=(person,), about=f"of a {person}"),
            get(PASSWORD_PAGE, ADMINS, path=(person,), about=f"of a {person}"),
            post(PASSWORD_PAGE, ADMINS, path=(person,), about=f"of a {person}"),
        )
    ),
    get(f"{OPERATOR_PAGE}delete/", ADMINS, path=("senior",), about="of a senior"),
    get(f"{OPERATOR_PAGE}delete/", CLOSED, path=("administrator",), about="of oneself"),
)
CASCADES = (
    get(f"{CASCADE_PAGE}funnel/", BACK, path=("cascade",)),
    get(f"{CASCADE_PAGE}dry-run/", BACK, path=("cascade",)),
    post(f"{CASCADE_PAGE}dry-run/", BACK, path=("cascade",)),
    get(f"{CASCADE_PAGE}rejudge/", BACK, path=("cascade",)),
    post(f"{CASCADE_PAGE}rejudge/", BACK, path=("cascade",)),
    get(f"{CASCADE_PAGE}runs/<int:run_id>/", BACK, path=("cascade", "run")),
    get(f"{CASCADE_PAGE}versions/<int:version>/", BACK, path=("cascade", "version")),
)
FLOOR = (
    get("admin/floor/", BACK),
    get("admin/search/", BACK, query=lambda scene: {"q": scene.phone}),
    get("admin/clients/<int:client_id>/", BACK, path=("knownclient",)),
    *(
        post(f"admin/floor/campaigns/<int:campaign_id>/{button}/", BACK, path=("campaign",))
        for button in ("pause", "go-on")
    ),
)

REPORTS = (
    *(
        get(f"admin/reports/{name}/", BACK)
        for name in ("calls", "operators", "campaigns", "funnel")
    ),
    # a senior operator has the right to export where an administrator gave it
    get("admin/reports/calls/export/", ADMINS, query=lambda _: {"table": "hours"}),
    get("admin/reports/operators/export/", ADMINS, query=lambda _: {"table": "operators"}),
    get("admin/reports/campaigns/export/", ADMINS, query=lambda _: {"table": "campaigns"}),
    get("admin/reports/funnel/export/", ADMINS, query=lambda _: {"table": "stages"}),
    get("admin/reports/rows/", BACK),
)

LISTS = "admin/ingest/calllist/"
FILE_PAGE = "admin/ingest/incomingfile/"
UPLOADS = (
    post(f"{LISTS}begin/", BACK),
    # nobody sends the pieces of another's list
    post(f"{LISTS}<int:list_id>/piece/", ABSENT, path=("calllist",)),
    # with the right to export; the files of this list are gone
    get(
        f"{LISTS}<int:list_id>/result/",
        ADMINS | {Caller.ADMINISTRATOR: MISSING},
        path=("calllist",),
    ),
    # the file was not rejected
    get(f"{FILE_PAGE}<int:file_id>/marked/", ABSENT, path=("incomingfile",)),
    post(f"{FILE_PAGE}<int:file_id>/correct/", ABSENT, path=("incomingfile",)),
    post(f"{FILE_PAGE}corrections/<int:correction_id>/piece/", ABSENT, path=("incomingfile",)),
)
