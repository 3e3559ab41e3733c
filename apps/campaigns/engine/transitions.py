"""Moves campaign tasks from state to state. No other module does it.

A move is a compare-and-swap under row locks, and leaves a row in ``tm$task_transitions``.
"""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
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
    """A move from one state to another, and why it is made.

    ``operator_id`` is None when the system itself moves the task. Raises IllegalMoveError for a
    move that the table of legal moves does not hold.
    """

    origin: TaskState
    target: TaskState
    _: KW_ONLY
    why: str
    outcome: TaskOutcome | None = None
    operator_id: int | None = None

    def __post_init__(self) -> None:
        if (self.origin, self.target) not in LEGAL_MOVES:
            raise IllegalMoveError(f"{self.origin} → {self.target}")


@transaction.atomic
def apply_move(task_ids: Iterable[int], move: Move, **values: Any) -> list[int]:
    """Move those of the tasks that are still in the origin state, set ``values``, and record the
    transitions.

    Returns the ids that were moved, in their order. An id that is missing was not in the origin
    state: nothing of it was changed. Rows are locked in the order of their keys, so two callers
    cannot deadlock.
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


def postpone(task_ids: Iterable[int], moment: datetime) -> int:
    """Give NEW tasks a later start, never an earlier one. Returns how many were postponed."""
    return CampaignTask.objects.filter(
        pk__in=list(task_ids), task_state=TaskState.NEW, task_time__lt=moment
    ).update(task_time=moment)
