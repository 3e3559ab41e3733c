"""The one place that moves campaign tasks: compare-and-swap under row locks, with a trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.campaigns.models import CampaignTask
from apps.campaigns.states import LEGAL_MOVES, TaskOutcome, TaskState
from apps.campaigns.types import IllegalMoveError

TRACE = """
INSERT INTO "tm$task_transitions" (task_id, from_state, to_state, outcome, why, operator_id)
SELECT unnest(%s::bigint[]), %s, %s, %s, %s, %s
"""


@dataclass(frozen=True, slots=True)
class Move:
    """A step from one state to another and why it is made. Raises IllegalMoveError for a step that
    the table of legal moves does not hold. ``operator_id`` is None when the system itself moves."""

    origin: TaskState
    target: TaskState
    why: str
    outcome: TaskOutcome | None = None
    operator_id: int | None = None

    def __post_init__(self) -> None:
        if (self.origin, self.target) not in LEGAL_MOVES:
            raise IllegalMoveError(f"{self.origin} → {self.target}")


@transaction.atomic
def apply_move(task_ids: Iterable[int], move: Move, **values: Any) -> list[int]:
    """Make the step for those of the tasks that are still in its origin, and set ``values`` too.

    Returns the ids that were moved, in order; who is not among them was moved by somebody else.
    Rows are locked in key order, so two movers never wait for each other in a ring.
    """
    won = list(
        CampaignTask.objects.select_for_update()
        .filter(pk__in=list(task_ids), task_state=move.origin)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if won:
        CampaignTask.objects.filter(pk__in=won).update(
            task_state=move.target, outcome=move.outcome, **values
        )
        _trace(won, move)
    return won


def _trace(task_ids: list[int], move: Move) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            TRACE,
            [task_ids, move.origin, move.target, move.outcome, move.why, move.operator_id],
        )


def wait_until(task_ids: Iterable[int], moment: datetime) -> int:
    """Give NEW tasks a later start (never an earlier one). Returns how many waited."""
    return CampaignTask.objects.filter(
        pk__in=list(task_ids), task_state=TaskState.NEW, task_time__lt=moment
    ).update(task_time=moment)
