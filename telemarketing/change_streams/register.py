"""The streams that are open, and whom a message wakes."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from apps.security.tokens import claimed_operator_id, digest_of

MOST_OF_ONE_OPERATOR = 4  # tabs; more is a client that forgets to close


class FullError(Exception):
    """As many streams are open as may be."""


@dataclass(eq=False, slots=True)
class OpenStream:
    """One open stream. ``woken`` is set when there may be something to tell."""

    operator_id: int | None
    digest: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Register:
    """All open streams of this process. For one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._streams: set[OpenStream] = set()
        self._by_key: defaultdict[int | str, set[OpenStream]] = defaultdict(set)
        self._of_operator: Counter[int | None] = Counter()

    def __len__(self) -> int:
        return len(self._streams)

    @contextmanager
    def opened(self, token: str) -> Iterator[OpenStream]:
        """A stream for the block. Raises FullError."""
        stream = OpenStream(claimed_operator_id(token), digest_of(token))
        if len(self) >= self._most or self._of_operator[stream.operator_id] >= MOST_OF_ONE_OPERATOR:
            raise FullError
        self._add(stream)
        try:
            yield stream
        finally:
            self._remove(stream)

    def wake(self, ids: Iterable[int | str]) -> None:
        """Wake the streams of these operators, or of the tokens with these digests."""
        for one in ids:
            for stream in self._by_key.get(one, ()):
                stream.woken.set()

    def wake_all(self) -> None:
        for stream in self._streams:
            stream.woken.set()

    def _add(self, stream: OpenStream) -> None:
        self._streams.add(stream)
        self._of_operator[stream.operator_id] += 1
        for key in _keys(stream):
            self._by_key[key].add(stream)

    def _remove(self, stream: OpenStream) -> None:
        self._streams.discard(stream)
        self._of_operator[stream.operator_id] -= 1
        for key in _keys(stream):
            self._by_key[key].discard(stream)
            if not self._by_key[key]:
                del self._by_key[key]
        if not self._of_operator[stream.operator_id]:
            del self._of_operator[stream.operator_id]


def _keys(stream: OpenStream) -> list[int | str]:
    return [key for key in (stream.operator_id, stream.digest) if key is not None]
