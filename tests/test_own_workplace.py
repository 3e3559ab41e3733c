"""The client in docs/ru/own-workplace.md works against the running application, from log-in to the
saved result.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.arm import services
from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from common import clock
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import PASSWORD, OperatorFactory
from testing.fakes import FakeSessions

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("core_alone", "cold_cache"),
]

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "ru" / "own-workplace.md"
LONGEST_CLIENT = 60  # lines that a reader takes in at once
PATIENCE_SECONDS = 60


def client_of_the_guide() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


def call(call_key: str, operator_id: int, order_id: int, *, ended: bool) -> CallEvent:
    return CallEvent(
        kind=CallEventKind.ENDED if ended else CallEventKind.CONNECTED,
        call_key=call_key,
        order_id=order_id,
        at=clock.now(),
        operator_id=operator_id,
        system_disposition=SystemDisposition.CONNECTED if ended else None,
    )


@pytest.mark.parametrize("phones", ["full", "masked"])
def test_the_client_of_the_guide_serves_a_call(
    live_server: LiveServer, settings: Settings, sessions: FakeSessions, phones: str
) -> None:
    settings.ARM_PHONES = phones
    operator, task = OperatorFactory.create(), TaskFactory.create(handed_over=True)
    disposition = DispositionFactory.create(campaign=task.campaign)
    order_id = task.orders.get().pk
    services.take_call_events([call("call", operator.pk, order_id, ended=False)])
    environment = {
        **os.environ,
        "API": f"{live_server.url}/api/arm/v1",
        "LOGIN": operator.login,
        "PASSWORD": PASSWORD,
        "PYTHONIOENCODING": "utf-8",
    }

    with subprocess.Popen(  # noqa: S603 - the guide's own code
        [sys.executable, "-c", client_of_the_guide()],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as client:
        assert client.stdout is not None
        shown = client.stdout.readline()
        services.take_call_events([call("call", operator.pk, order_id, ended=True)])
        saved, _ = client.communicate(timeout=PATIENCE_SECONDS)

    assert client.returncode == 0
    assert shown.startswith("Звонок:")
    assert (task.phone in shown) == (phones == "full")
    assert saved == f"Сохранено: {disposition.result}\n"
    communication = Communication.objects.get()
    assert (communication.state, communication.disposition) == ("FIXED", disposition)
    assert communication.result_details["comment"] == "Записано своим рабочим местом"
    assert sessions.ready == {}


def test_the_client_of_the_guide_is_short() -> None:
    assert len(client_of_the_guide().splitlines()) <= LONGEST_CLIENT
