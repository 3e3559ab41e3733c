"""Threads for requests to MightyCall. They do nothing else: none of them touches the database."""

import logging
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from apps.telephony.mightycall import mapping
from apps.telephony.mightycall.connection import CONCURRENCY
from apps.telephony.mightycall.transport import OutOfStepError
from common.service_errors import ContractError, ServiceError

logger = logging.getLogger(__name__)

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

    return list(zip(items, threads().map(partial(answer_or_failure, request), items), strict=True))


def answer_or_failure(request: Callable[[Item], Answer], item: Item) -> Answer | Failure:
    """Return the answer to one request, or its error. Whatever else it raises is a broken contract
    of this answer, so it touches no other.
    """
    try:
        return request(item)
    except (ServiceError, OutOfStepError) as failure:
        return failure
    except Exception as error:  # noqa: BLE001 - the barrier of one request
        name = type(error).__name__
        frames = "".join(traceback.format_tb(error.__traceback__))
        logger.error("a request to MightyCall raised %s\n%s", name, frames)  # noqa: TRY400
        return ContractError(mapping.NAME, f"the request raised {name}")
