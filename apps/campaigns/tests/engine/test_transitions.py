import pytest

from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.models import TaskTransition
from apps.campaigns.states import LEGAL_MOVES, TaskOutcome, TaskState
from apps.campaigns.types import IllegalMoveError
from testing.factories.campaigns import TaskFactory


@pytest.mark.parametrize("origin", TaskState)
@pytest.mark.parametrize("target", TaskState)
def test_only_moves_of_the_table_can_be_made(origin: TaskState, target: TaskState) -> None:
    if (origin, target) in LEGAL_MOVES:
        assert Move(origin, target, why="called").origin == origin
    else:
        with pytest.raises(IllegalMoveError):
            Move(origin, target, why="called")


@pytest.mark.django_db
def test_the_second_mover_learns_that_it_lost() -> None:
    task = TaskFactory.create(handed_over=True)
    move = Move(TaskState.IN_PROGRESS, TaskState.DONE, why="called", outcome=TaskOutcome.CALLED)

    assert apply_move([task.pk], move) == [task.pk]
    assert apply_move([task.pk], move) == []
    assert TaskTransition.objects.filter(task=task).count() == 1
