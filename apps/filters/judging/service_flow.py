"""Leads applications from one service to the next, each service at its own pace.

An application goes on as soon as it has an answer and waits for no other application, so the
busiest service is never idle while there is work for it. A service has a queue for each campaign
and stream and serves them in turn: a slow service makes only those wait that need it, and a large
file does not hold up a small one.

One thread uses a flow and judges; the calls are made in threads of the services' own, which touch
no table.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Lock
from typing import NamedTuple

from django.utils.translation import get_language, override

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.integrations.blacklist import CLIENTS_PER_SEARCH
from apps.filters.judging.judge import Judgement, PendingJudgement
from apps.filters.judging.service_calls import ServiceRequest, ask, service_of

# applications in one call: BlackList searches for many clients at once
AT_ONCE = {Question.BLACKLIST: CLIENTS_PER_SEARCH}


class QueueKey(NamedTuple):
    """Names a queue of waiting verdicts, in the tables and in a flow."""

    waits_for: str  # a service, or "" where our own filters are judged first
    campaign_id: int
    stream: str


@dataclass(slots=True)
class Traveller:
    """An application in the flow, with all cascades that judge it now."""

    queue: QueueKey  # that it was taken from
    pending: list[PendingJudgement]
    history: ClientHistory
    asked: set[Question] = field(default_factory=set)  # the answers that are under way

    @property
    def application(self) -> ApplicationFacts:
        return self.pending[0].entry.application

    @property
    def answers(self) -> ServiceAnswers:
        return self.pending[0].answers

    def request(self) -> ServiceRequest:
        """One request for all cascades; each check is named once."""
        names = (name for one in self.pending for name in one.entry.cascade.checks())
        return ServiceRequest(self.application, self.answers, checks=tuple(dict.fromkeys(names)))

    def open_questions(self) -> set[Question]:
        """What has to be asked before any of its cascades can go on."""
        rules = (one.next_rule for one in self.pending)
        return {rule.question for rule in rules if rule} - self.asked


class _Ask(NamedTuple):
    """A question about an application that waits for its service."""

    traveller: Traveller
    question: Question
    request: ServiceRequest


class _Answered(NamedTuple):
    """A call that has ended: the error of each ask, or None where the answer came."""

    asks: Sequence[_Ask]
    errors: Sequence[Exception | None]


class _Station:
    """A service: its queues, and how many of its calls are under way. Threads share it."""

    def __init__(self, slots: int) -> None:
        self.calls = 0
        self._slots = slots
        self._lock = Lock()
        self._queues: OrderedDict[QueueKey, deque[_Ask]] = OrderedDict()

    @property
    def is_asked(self) -> bool:
        """Whether any question waits for this service, or is being asked."""
        return bool(self._queues) or self.calls > 0

    def put(self, one: _Ask) -> None:
        """An application that has been asked about before comes first: it is nearly through."""
        with self._lock:
            queue = self._queues.setdefault(one.traveller.queue, deque())
            if any(pending.position for pending in one.traveller.pending):
                queue.appendleft(one)
            else:
                queue.append(one)

    def begin_call(self) -> list[_Ask]:
        """The asks of a call that is to be made now; empty when none is."""
        with self._lock:
            if self.calls >= self._slots or not self._queues:
                return []
            self.calls += 1
            return self._next_asks()

    def next_call(self) -> list[_Ask]:
        """The asks of the call that follows one which has ended; empty when none does."""
        with self._lock:
            if self._queues:
                return self._next_asks()
            self.calls -= 1
            return []

    def forget(self) -> None:
        """Drop the questions that are not being asked."""
        with self._lock:
            self._queues.clear()

    def _next_asks(self) -> list[_Ask]:
        """One of each queue in turn, as many as fit into one call."""
        taken = [self._take()]
        question = taken[0].question
        while len(taken) < AT_ONCE.get(question, 1) and self._queues:
            if next(iter(self._queues.values()))[0].question is not question:
                break
            taken.append(self._take())
        return taken

    def _take(self) -> _Ask:
        """The first ask of the first queue, which then becomes the last queue."""
        key, queue = next(iter(self._queues.items()))
        one = queue.popleft()
        if queue:
            self._queues.move_to_end(key)
        else:
            del self._queues[key]
        return one


class ServiceFlow:
    """Applications on their way through the services. Use it in a ``with`` block, in one thread."""

    def __init__(
        self, slots: dict[str, int], patience: timedelta, clock: Callable[[], datetime]
    ) -> None:
        """``slots``: how many calls of each service may be made at once."""
        self._stations = {service: _Station(limit) for service, limit in slots.items()}
        self._patience = patience
        self._clock = clock
        self._answered: SimpleQueue[_Answered] = SimpleQueue()
        self._threads = ThreadPoolExecutor(sum(slots.values()), thread_name_prefix="services")
        self._language = get_language()
        self.held: dict[int, QueueKey] = {}  # application → the queue that it was taken from

    def __enter__(self) -> "ServiceFlow":
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def is_asking(self) -> bool:
        """Whether any question waits for its service, is being asked, or has a new answer."""
        stations = any(station.is_asked for station in self._stations.values())
        return stations or not self._answered.empty()

    def add(self, traveller: Traveller) -> list[Judgement]:
        """Let an application in; returns judgements that need no answer."""
        self.held[traveller.application.id] = traveller.queue
        return self._go_on(traveller)

    def start_calls(self) -> None:
        """Make all calls that may be made now. Each thread goes on with what is in the queue."""
        for service, station in self._stations.items():
            while asks := station.begin_call():
                self._threads.submit(self._call, service, asks)

    def judgements(self, seconds: float) -> Iterator[Judgement]:
        """Wait at most so long for an answer. Yields what follows from all that are there then."""
        try:
            answered = self._answered.get(timeout=seconds)
            while True:
                yield from self._take_in(answered)
                answered = self._answered.get_nowait()
        except Empty:
            return

    def forget_queues(self) -> None:
        """Let go of the applications about which no call is under way: they wait in the tables."""
        for station in self._stations.values():
            station.forget()

    def _go_on(self, traveller: Traveller) -> list[Judgement]:
        finished, undecided = [], []
        for pending in traveller.pending:
            if judgement := pending.advance(traveller.history, self._patience):
                finished.append(judgement)
            else:
                undecided.append(pending)
        if undecided:
            traveller.pending = undecided
            for question in traveller.open_questions():
                traveller.asked.add(question)
                one = _Ask(traveller, question, traveller.request())
                self._stations[service_of(question)].put(one)
        else:
            self.held.pop(traveller.application.id, None)
        return finished

    def _call(self, service: str, asks: Sequence[_Ask]) -> None:
        """Runs in a thread of the service: this call, and those that follow."""
        with override(self._language):  # a thread does not inherit the language
            while asks:
                errors: Sequence[Exception | None]
                try:
                    errors = ask(asks[0].question, [one.request for one in asks], self._clock())
                except Exception as error:  # noqa: BLE001 - the barrier: only these wait
                    errors = [error] * len(asks)
                self._answered.put(_Answered(asks, errors))
                asks = self._stations[service].next_call()

    def _take_in(self, answered: _Answered) -> Iterator[Judgement]:
        for one, error in zip(answered.asks, answered.errors, strict=True):
            one.traveller.asked.discard(one.question)
            if error:
                one.traveller.pending[0].errors[one.question] = error
            yield from self._go_on(one.traveller)
