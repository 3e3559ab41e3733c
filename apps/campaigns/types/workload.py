"""How much the engine has to do and is doing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedTasks:
    """How many tasks of a campaign are in one of the unfinished states."""

    campaign_id: int
    state: str
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Numbers of one moment.

    ``redials_waiting`` are DONE tasks that are called again; ``deferred_candidates`` wait for a
    conversation's result; ``results_awaited`` are ended calls without a result;
    ``operators_on_line`` are those whom telephony knows.
    """

    unfinished_tasks: tuple[UnfinishedTasks, ...]
    redials_waiting: int
    deferred_candidates: int
    calls_going_on: int
    results_awaited: int
    operators_on_line: int
