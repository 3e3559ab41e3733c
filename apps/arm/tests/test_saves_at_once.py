"""A save that is killed in the middle, and two browsers of one operator that save at once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from apps.arm.tests.api import Api, filled_in
from apps.campaigns.models import CampaignTask, Communication
from apps.campaigns.states import CommunicationState
from apps.security.models import Operator
from testing.factories.campaigns import DispositionFactory
from testing.factories.security import token_of
from testing.interleaving import Interleaving
from testing.rivals import wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db(transaction=True)

Ring = Callable[..., Communication]
PLACES_TO_HALT = 10
# what a web process does with the request, until it is killed
DOOMED = """
import sys
import django
django.setup()
from django.test import Client
headers = {"Authorization": "Bearer " + sys.argv[1]}
Client().post(
    "/api/arm/v1/saveCommunicationResult",
    sys.argv[2],
    content_type="application/json",
    headers=headers,
)
"""


@pytest.fixture
def talk(ring: Ring) -> Communication:
    communication = ring(ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    return communication


def test_a_save_whose_process_is_killed_saves_nothing_and_may_be_repeated(
    api: Api, operator: Operator, talk: Communication
) -> None:
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "DJANGO_SETTINGS_MODULE": "telemarketing.settings",
    }
    request = [token_of(operator), json.dumps(filled_in(talk))]
    with transaction.atomic():
        # the save locks this row, so it halts in the middle of its transaction
        CampaignTask.objects.select_for_update().get(pk=talk.campaign_task_id)
        doomed = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", DOOMED, *request], env=environment
        )
        try:
            wait_until_a_lock_is_awaited()
        finally:
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()

    talk.refresh_from_db()
    assert (talk.state, talk.result_details) == (CommunicationState.NEW, {})
    assert "CALL_FINISHED" in api.get("hasChanges").json()["data"]["changes"]
    assert api.post("saveCommunicationResult", filled_in(talk)).status_code == 200


@pytest.mark.parametrize(("other", "statuses"), [("Спасибо", [200, 200]), ("Иное", [200, 409])])
def test_two_browsers_that_save_at_once_leave_one_result(
    operator: Operator, ring: Ring, interleaving: Interleaving, other: str, statuses: list[int]
) -> None:
    """The same result is right from both; of two different ones the second is a conflict."""
    browsers = [Api(token_of(operator)) for _ in range(2)]
    meetings = 0
    for after in range(1, PLACES_TO_HALT):
        communication = ring(ended=True)
        DispositionFactory.create(campaign=communication.campaign_task.campaign)
        answers: list[int] = []

        def save(
            api: Api, comment: str, talk: Communication = communication, to: list[int] = answers
        ) -> None:
            form = filled_in(talk, comment=comment)
            to.append(api.post("saveCommunicationResult", form).status_code)

        meetings += interleaving.halted(
            lambda save=save: save(browsers[0], "Спасибо"),  # type: ignore[misc]
            lambda save=save: save(browsers[1], other),  # type: ignore[misc]
            after,
        )

        assert sorted(answers) == statuses
        communication.refresh_from_db()
        assert communication.state == CommunicationState.FIXED
        assert communication.result_details["comment"] in ("Спасибо", other)
    assert meetings > 1


def test_two_browsers_see_the_same_changes(operator: Operator, ring: Ring) -> None:
    browsers = [Api(token_of(operator)) for _ in range(2)]
    ring()

    before = [api.get("hasChanges").json()["data"]["changes"] for api in browsers]
    browsers[0].get("getClientCard")
    after = [api.get("hasChanges").json()["data"]["changes"] for api in browsers]

    assert (before, after) == ([["CLIENT_CARD_READY"]] * 2, [[]] * 2)
