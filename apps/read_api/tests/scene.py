"""Rows of every kind: two of each, whose columns all differ."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Model

from apps.campaigns.models import Call, Campaign, CampaignTask, Communication, Decision
from apps.campaigns.states import CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types import DecisionVerdict, HungUpBy, Meaning, Step, SystemDisposition
from apps.filters.models import Application
from apps.security.models import Operator
from testing.browser import Answer
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    TaskFactory,
)
from testing.factories.filters import ApplicationFactory
from testing.factories.security import OperatorFactory

# what nobody but those who see contacts may read, and what nobody at all
CONTACTS = ("79131234567", "Асанов", "Айбек", "Эркинович", "перезвонить жене")
SECRETS = ("PASSPORT7654321", "AN-series", "face-number", "device-number", "1995-05-12")
DAY = timedelta(days=1)
Ask = Callable[..., Answer]  # the fixture of this name


@dataclass(frozen=True)
class Scene:
    """By the name of the list: the row that the filters of a test find, and the other one."""

    found: dict[str, Model]
    other: dict[str, Model]


def made() -> Scene:
    found, other = _found(), _other()
    for name, row in found.items():
        if name != "communications":
            type(row)._default_manager.filter(pk=row.pk).update(wtime=NOON)
    for name, row in other.items():
        if name != "communications":
            type(row)._default_manager.filter(pk=row.pk).update(wtime=NOON - 2 * DAY)
    return Scene(found, other)


def _found() -> dict[str, Model]:
    application: Application = ApplicationFactory.create(
        phone=CONTACTS[0],
        application_number="34697463",
        application_status="scored",
        loan_status="repaid",
        client_type="repeater",
        stream="OTHER_LOANS",
        last_name=CONTACTS[1],
        first_name=CONTACTS[2],
        middle_name=CONTACTS[3],
        document_number=SECRETS[0],
        document_series=SECRETS[1],
        face_id=SECRETS[2],
        device_id=SECRETS[3],
        birth_date=SECRETS[4],
    )
    campaign: Campaign = CampaignFactory.create(active=False)
    operator: Operator = OperatorFactory.create(locked=True, role="ADMINISTRATOR")
    task: CampaignTask = TaskFactory.create(
        phone=CONTACTS[0],
        campaign=campaign,
        task_state=TaskState.DONE,
        outcome=TaskOutcome.CALLED,
        source_key=f"application:{application.pk}",
        client_info={"birth_date": SECRETS[4], "device_id": SECRETS[3], "last_name": CONTACTS[1]},
    )
    disposition = DispositionFactory.create(campaign=campaign, meaning=Meaning.SUCCESS)
    talk: Communication = CommunicationFactory.create(
        campaign_task=task,
        operator=operator,
        ended=True,
        state=CommunicationState.FIXED,
        disposition=disposition,
        result_details={"result": disposition.result, "reason": "x", "comment": CONTACTS[4]},
    )
    call: Call = talk.call
    call.system_disposition, call.hung_up_by = SystemDisposition.CONNECTED, HungUpBy.CLIENT
    call.save()
    return {
        "applications": application,
        "campaigns": campaign,
        "operators": operator,
        "tasks": task,
        "communications": talk,
        "calls": call,
        "decisions": Decision.objects.create(
            step=Step.GUARD,
            verdict=DecisionVerdict.STOPPED,
            rule="AGE",
            reason="x",
            phone=CONTACTS[0],
            source_key=task.source_key,
            campaign_id=campaign.pk,
            task_id=task.pk,
            settings_version=3,
        ),
    }


def _other() -> dict[str, Model]:
    talk: Communication = CommunicationFactory.create(started_at=NOON - 2 * DAY)
    call: Call = talk.call
    call.system_disposition = SystemDisposition.FAILED
    call.save()
    return {
        "applications": ApplicationFactory.create(),
        "campaigns": talk.campaign_task.campaign,
        "operators": talk.operator,
        "tasks": TaskFactory.create(campaign=talk.campaign_task.campaign),
        "communications": talk,
        "calls": call,
        "decisions": Decision.objects.create(
            step=Step.FILTER, verdict=DecisionVerdict.PASSED, rule="ML", phone="79000000002"
        ),
    }


def ids_of(answer: Answer) -> list[int]:
    """The numbers of the rows of a page."""
    assert answer.status_code == 200, answer.content.decode()
    return [row["id"] for row in answer.json()["data"]["items"]]
