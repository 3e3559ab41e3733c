"""Every two actions at the same moment: neither raises, and every promise holds afterwards.

``--thorough`` tries every scene and every place at which one may be overtaken by the other; without
it each pair is tried in a few of them, other ones for each pair.
"""

from collections.abc import Callable
from functools import partial

import pytest

from apps.campaigns.models import CallOrder, CampaignTask
from apps.campaigns.states import OrderState, TaskState
from apps.campaigns.tests.engine.scenes import (
    ACTIONS,
    SCENES,
    Client,
    Scene,
    Stage,
    call_starts,
    clear_tables,
    come_to_rest,
    judgements_are_written,
    make_scene,
    queued,
    set_stage,
)
from testing.factories.campaigns import NOON
from testing.interleaving import Interleaving
from testing.invariants import ENGINE, ENGINE_AT_ONCE, assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STATEMENTS = 40  # no action has so many that lock
HALTS = (1, 2, 3, 5)  # what is tried of them; most actions lock in their first few statements
FREE_RUN_EVERY = 4  # pairs

Action = Callable[[Scene], None]


@pytest.fixture
def stage(core_alone: None) -> Stage:
    return set_stage()


def check_afterwards(what: str) -> None:
    __tracebackhide__ = True
    try:
        assert_invariants(NOON, ENGINE_AT_ONCE)
        come_to_rest()
        assert_invariants(NOON, ENGINE)
        assert not CallOrder.objects.exclude(state=OrderState.CLOSED).exists(), "an order is stuck"
        in_progress = CampaignTask.objects.filter(task_state=TaskState.IN_PROGRESS)
        assert not in_progress.exists(), "a task is stuck"
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from None


def run_halted(
    interleaving: Interleaving,
    situation: Callable[[Client], None],
    stage: Stage,
    pair: tuple[Action, Action],
    after: int,
) -> bool:
    """Return whether the first action had so many statements."""
    first, second = pair
    scene = make_scene(situation, stage)
    what = f"{situation.__name__}: {second.__name__} during {first.__name__}, after {after}"
    try:
        halted = interleaving.halted(partial(first, scene), partial(second, scene), after)
    except Exception as error:
        raise AssertionError(f"{what}: {error!r}") from error
    check_afterwards(what)
    clear_tables()
    return halted


def run_at_once(
    interleaving: Interleaving,
    situation: Callable[[Client], None],
    stage: Stage,
    pair: tuple[Action, Action],
) -> None:
    first, second = pair
    scene = make_scene(situation, stage)
    what = f"{situation.__name__}: {first.__name__} and {second.__name__} at once"
    try:
        interleaving.at_once(partial(first, scene), partial(second, scene))
    except Exception as error:
        raise AssertionError(f"{what}: {error!r}") from error
    check_afterwards(what)
    clear_tables()


@pytest.mark.parametrize("first", ACTIONS, ids=lambda action: action.__name__)
def test_no_two_actions_hinder_each_other(
    first: Action, stage: Stage, interleaving: Interleaving, thorough: bool
) -> None:
    for place, second in enumerate(ACTIONS):
        number = ACTIONS.index(first) * len(ACTIONS) + place
        if thorough:
            try_everything(interleaving, stage, (first, second))
            continue
        situation = SCENES[number % len(SCENES)]
        run_halted(interleaving, situation, stage, (first, second), HALTS[number % len(HALTS)])
        if number % FREE_RUN_EVERY == 0:
            run_at_once(interleaving, situation, stage, (first, second))


def test_judgements_and_a_call_that_starts_never_deadlock(
    stage: Stage, interleaving: Interleaving
) -> None:
    """Wherever the writing is halted: it withdraws orders of some clients, and supersedes tasks of
    others, which the call's event locks together."""
    pair = (judgements_are_written, call_starts)
    halts = range(1, MOST_STATEMENTS)
    tried = [run_halted(interleaving, queued, stage, pair, after) for after in halts]

    assert any(tried)


def try_everything(interleaving: Interleaving, stage: Stage, pair: tuple[Action, Action]) -> None:
    for situation in SCENES:
        for after in range(1, MOST_STATEMENTS):
            if not run_halted(interleaving, situation, stage, pair, after):
                break
        run_at_once(interleaving, situation, stage, pair)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_every_action_alone_keeps_the_promises(action: Action, stage: Stage) -> None:
    for situation in SCENES:
        action(make_scene(situation, stage))
        check_afterwards(f"{situation.__name__}: {action.__name__}")
        clear_tables()
