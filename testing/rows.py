"""One row of everything that the back office has a page for."""

from django.db.models import Model

from apps.campaigns.models import (
    AttentionItem,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    DoNotCallEntry,
    TaskTransition,
)
from apps.campaigns.states import AttentionKind, TaskState
from apps.campaigns.types import DecisionVerdict, Step
from apps.filters.models import Application, Cascade
from apps.ingest.models import CallList, FileOutcome, IncomingFile
from apps.ingest.states import CallListState
from apps.security.models import AccessRecord, Operator, OperatorAuth
from apps.security.types import Access
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator, MightyCallTask
from apps.telephony.states import QueueTaskType
from testing.factories.campaigns import (
    NOON,
    CommunicationFactory,
    DispositionFactory,
    ReasonFactory,
)
from testing.factories.filters import ApplicationFactory, CascadeFactory
from testing.factories.security import OperatorAuthFactory


def one_of_each_page(operator: Operator) -> dict[type[Model], Model]:
    """A row for each page of the back office; the communication is the operator's."""
    talk = CommunicationFactory.create(operator=operator, ended=True)
    task = talk.campaign_task
    DispositionFactory.create(campaign=task.campaign)
    ReasonFactory.create(campaign=task.campaign)
    TaskTransition.objects.create(task=task, to_state=TaskState.DONE, why="x", operator=operator)
    cascade = CascadeFactory.create()
    cascade.revisions.create(version=1, settings=cascade.settings)
    return {
        Campaign: task.campaign,
        CampaignTask: task,
        Communication: talk,
        Operator: operator,
        OperatorAuth: OperatorAuthFactory.create(operator=operator),
        AccessRecord: AccessRecord.objects.create(action=Access.SEARCHED),
        Decision: Decision.objects.create(
            step=Step.FILTER, verdict=DecisionVerdict.PASSED, rule="AGE", phone=task.phone
        ),
        DoNotCallEntry: DoNotCallEntry.objects.create(phone=task.phone, reason="просил"),
        Application: ApplicationFactory.create(),
        Cascade: cascade,
        IncomingFile: IncomingFile.objects.create(
            stream="MOBILE_LOANS",
            name="a.csv",
            size=1,
            modified_ns=1,
            outcome=FileOutcome.IMPORTED,
            started_at=NOON,
            finished_at=NOON,
        ),
        CallList: CallList.objects.create(
            campaign=cascade.campaign,
            author=operator,
            name="list.csv",
            size=1,
            state=CallListState.MAPPING,
            headings=["Телефон"],
            samples=[["79131234567"]],
        ),
        MightyCallOperator: MightyCallOperator.objects.create(
            operator=operator, login="101", password="x"
        ),
        MightyCallActiveOperator: MightyCallActiveOperator.objects.create(operator=operator),
        MightyCallTask: MightyCallTask.objects.create(
            task_type=QueueTaskType.ADD,
            order=talk.call.order,
            campaign_task=task,
            campaign_id=1,
            phone=task.phone,
        ),
        AttentionItem: AttentionItem.objects.create(
            kind=AttentionKind.CAMPAIGN_TASK, key=str(task.pk), error="ValueError", next_try_at=NOON
        ),
    }
