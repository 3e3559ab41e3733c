"""Reads the body of a request: of a bounded length and in a bounded time."""

import asyncio
from collections.abc import AsyncIterable

# a page or program sends its few kilobytes at once; a poor telephone line needs some seconds
BODY_SECONDS = 10.0


class SlowBodyError(Exception):
    """The client did not send the whole body in time."""


class LongBodyError(Exception):
    """More came than Django would take; the rest was not read."""


class CutBodyError(Exception):
    """The client sent less than it had announced and went away."""


async def read_body(chunks: AsyncIterable[bytes], length: int, longest: int) -> bytes:
    """The ``length`` bytes that the client announced.

    Of a body longer than ``longest`` nothing is read, and the result is empty: Django refuses such
    a request by its length. Raises SlowBodyError and CutBodyError.
    """
    if not 0 < length <= longest:
        return b""
    try:
        body = await asyncio.wait_for(_joined(chunks), BODY_SECONDS)
    except TimeoutError as error:
        raise SlowBodyError from error
    if len(body) < length:
        raise CutBodyError
    return body


async def read_chunked_body(chunks: AsyncIterable[bytes], longest: int) -> bytes:
    """A body whose length the client did not announce. Raises SlowBodyError and LongBodyError."""
    try:
        return await asyncio.wait_for(_joined_up_to(chunks, longest), BODY_SECONDS)
    except TimeoutError as error:
        raise SlowBodyError from error


async def _joined_up_to(chunks: AsyncIterable[bytes], longest: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > longest:
            raise LongBodyError
    return bytes(body)


async def _joined(chunks: AsyncIterable[bytes]) -> bytes:
    return b"".join([bytes(chunk) async for chunk in chunks])
