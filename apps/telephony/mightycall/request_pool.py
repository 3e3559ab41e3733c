"""Threads that talk to MightyCall and do nothing else: none of them touches the database."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from apps.telephony.mightycall.connection import CONCURRENCY
from apps.telephony.mightycall.transport import OutOfStepError
from common.service_errors import ServiceError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Failure = ServiceError | OutOfStepError


@cache
def threads() -> ThreadPoolExecutor:
    """As many as MightyCall may be asked at once; made at first use, so after a worker's fork."""
    return ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="mightycall")


def ask_all(
    ask: Callable[[Asked], Answer], wanted: Iterable[Asked]
) -> list[tuple[Asked, Answer | Failure]]:
    """Each wanted thing with its answer, or with the error that stands in its place."""

    def answer_or_failure(one: Asked) -> Answer | Failure:
        try:
            return ask(one)
        except (ServiceError, OutOfStepError) as failure:
            return failure

    everything = list(wanted)
    return list(zip(everything, threads().map(answer_or_failure, everything), strict=True))
