"""Moves campaign tasks from one state to another, with a trace of each move."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from apps.campaigns.models import CampaignTask
from apps.campaigns.states import LEGAL_MOVES, UNFINISHED, TaskOutcome, TaskState
from apps.campaigns.types import IllegalMoveError
from common.bulk_update import update_rows

TRACE = """
INSERT INTO "tm$task_transitions" (task_id, from_state, to_state, outcome, why, operator_id)
SELECT * FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[]
)
"""
# what a change of a task may write besides its state
TASK_FIELDS = (
    "task_state",
    "outcome",
    "task_time",
    "attempts",
    "failures_in_row",
    "redial_at",
    "callback_at",
    "callback_operator_id",
    "withdrawal_reason",
)


@dataclass(frozen=True, slots=True)
class Move:
    """A step from one state to another and why it is made.

    ``operator_id`` is None when the system itself moves. Raises IllegalMoveError for a step that
    the table of legal moves does not hold.
    """

    origin: TaskState
    target: TaskState
    why: str
    outcome: TaskOutcome | None = None
    operator_id: int | None = None

    def __post_init__(self) -> None:
        if (self.origin, self.target) not in LEGAL_MOVES:
            raise IllegalMoveError(f"{self.origin} → {self.target}")


@dataclass(frozen=True, slots=True)
class TracedMove:
    """A move that one task has made."""

    task_id: int
    move: Move


@transaction.atomic
def apply_move(task_ids: Iterable[int], move: Move, **values: Any) -> list[int]:
    """Make the step for those of the tasks that are still in its origin, and set ``values`` too.

    Returns the ids that were moved, in order; somebody else moved the others. Rows are locked in
    the order of their keys, so two such calls never deadlock.
    """
    won = lock_tasks(task_ids, task_state=move.origin)
    if won:
        CampaignTask.objects.filter(pk__in=won).update(
            task_state=move.target, outcome=move.outcome, **values
        )
        _trace([TracedMove(task_id, move) for task_id in won])
    return won


def lock_tasks(task_ids: Iterable[int], **conditions: Any) -> list[int]:
    """Lock those of the tasks that meet the conditions, in the order of their keys."""
    rows = CampaignTask.objects.select_for_update().filter(pk__in=list(task_ids), **conditions)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def lock_tasks_of_clients(phones: Collection[str], task_ids: Collection[int] = ()) -> None:
    """Lock these tasks and every task of these clients that may still change, in all campaigns.

    A result may end all of a client's tasks, so whoever may settle one locks them all at once, in
    the order of their keys.
    """
    live = Q(task_state__in=UNFINISHED) | Q(redial_at__isnull=False)
    rows = CampaignTask.objects.filter(Q(pk__in=task_ids) | (Q(phone__in=phones) & live))
    list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def move_in_memory(task: CampaignTask, move: Move) -> TracedMove:
    """Make the step on a task whose row the caller has locked; ``write_tasks`` writes it.

    Raises IllegalMoveError when the task is not in the step's origin.
    """
    if task.task_state != move.origin:
        raise IllegalMoveError(f"{task.task_state}, not {move.origin} → {move.target}")
    task.task_state, task.outcome = move.target, move.outcome
    return TracedMove(task.pk, move)


def write_tasks(tasks: Sequence[CampaignTask], moves: Sequence[TracedMove]) -> None:
    """Write tasks that were changed in memory, and the trace of their moves: two statements."""
    update_rows(tasks, TASK_FIELDS)
    _trace(moves)


def _trace(moves: Sequence[TracedMove]) -> None:
    if not moves:
        return
    columns: list[list[Any]] = [
        [traced.task_id for traced in moves],
        [traced.move.origin for traced in moves],
        [traced.move.target for traced in moves],
        [traced.move.outcome for traced in moves],
        [traced.move.why for traced in moves],
        [traced.move.operator_id for traced in moves],
    ]
    with connection.cursor() as cursor:
        cursor.execute(TRACE, columns)
