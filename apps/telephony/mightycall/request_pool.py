"""Threads for requests to MightyCall. They do nothing else: none of them touches the database."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from apps.telephony.mightycall.connection import CONCURRENCY
from apps.telephony.mightycall.transport import OutOfStepError
from common.service_errors import ServiceError

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Failure = ServiceError | OutOfStepError


@cache
def threads() -> ThreadPoolExecutor:
    """Return the pool of this process, with a thread for each request that may run at once.

    It is made at its first use, so after a worker has forked.
    """
    return ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="mightycall")


def request_all(
    request: Callable[[Item], Answer], items: Sequence[Item]
) -> list[tuple[Item, Answer | Failure]]:
    """Make one request for each item, many at once. Return each item, in order, with its answer,
    or with the error that its request raised.
    """

    def answer_or_failure(item: Item) -> Answer | Failure:
        try:
            return request(item)
        except (ServiceError, OutOfStepError) as failure:
            return failure

    return list(zip(items, threads().map(answer_or_failure, items), strict=True))
