"""Who may do what over HTTP apart from the back office: the site, the APIs, and their bodies."""

from apps.campaigns.models import Communication
from apps.campaigns.states import CommunicationState
from common.clock import now
from tests.access.operations import (
    EVERYBODY,
    NOBODY,
    OWN,
    PASSWORD,
    READER,
    SENIOR,
    TOKEN,
    Body,
    Scene,
    get,
    post,
)


def credentials(scene: Scene) -> Body:
    return {"login": scene.login, "password": "correct horse battery"}


def token(scene: Scene) -> Body:
    return {"token": scene.token}


def communication(scene: Scene) -> Body:
    return {"communicationId": scene.ids["communication"]}


def result(scene: Scene) -> Body:
    result = {"result": "Согласен оформить", "comment": "да"}
    return {
        **communication(scene),
        "clientPhone": scene.phone,
        "communicationResult": result,
    }


def correction(scene: Scene) -> Body:
    """Of a result that is saved already; whoever sends it undoes that with all the rest."""
    saved = Communication.objects.filter(pk=scene.ids["communication"])
    saved.update(state=CommunicationState.FIXED, fixed_at=now())
    return {**communication(scene), "communicationResult": {"result": "Согласен оформить"}}


SYSTEM = (
    get("", EVERYBODY),
    get("arm/", EVERYBODY),
    get("arm/password/", EVERYBODY),
    post("arm/password/", EVERYBODY),  # asks for the password of now
    get("health/live", EVERYBODY),
    get("health/ready", EVERYBODY),
    get("metrics", NOBODY, about="without the token of Prometheus"),
    get("api/schema/", EVERYBODY),
    get("api/docs/", EVERYBODY),
    post("i18n/setlang/", EVERYBODY, form=lambda _: {"language": "en"}),
)
SECURITY = (
    post("api/security/v1/login", PASSWORD, body=credentials),
    post("api/security/v1/logout", EVERYBODY, body=token),
    post("api/security/v1/checkAccess", TOKEN, body=token, about="of the workplace"),
    post(
        "api/security/v1/checkAccess",
        SENIOR,
        body=lambda scene: {**token(scene), "resource": "admin"},
        about="of the back office",
    ),
)
WORKPLACE = (
    post("api/arm/v1/login", PASSWORD, body=credentials),
    get("api/arm/v1/logout", TOKEN),
    post("api/arm/v1/takeOver", TOKEN),
    get("api/arm/v1/hasChanges", TOKEN),
    get("api/arm/v1/changes", TOKEN),
    get("api/arm/v1/getClientCard", OWN),
    post("api/arm/v1/getClientCardByCommunicationId", OWN, body=communication),
    get("api/arm/v1/listCommunications", TOKEN),
    post("api/arm/v1/saveCommunicationDraft", OWN, body=result),
    post("api/arm/v1/saveCommunicationResult", OWN, body=result),
    post("api/arm/v1/correctResult", OWN, body=correction),
    post("api/arm/v1/revealPhone", OWN, body=communication),
    get("api/arm/v1/dictionaries", OWN, query=communication),
    get("api/arm/v1/day", TOKEN),
    post("api/arm/v1/setStatus", TOKEN, body=lambda _: {"status": "BREAK"}),
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
        get(f"api/v1/{name}", READER),
        get(f"api/v1/{name}/<int:id>", READER, path=(row,)),
    )
)
# answered before Django looks for a route
FILES = (get("static/arm/main.js", EVERYBODY),)
