"""One operator of the load generator, who asks as the page does, and what all of them measure."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks._latencies import Latencies

LOGIN_TIMEOUT = aiohttp.ClientTimeout(total=120)  # a slow machine hashes passwords slowly
LOGIN_TRIES = 60
AGAIN_SECONDS = 5.0  # what Retry-After says
SAVED_SHARE = 0.95  # the other results are left to the server, which drafts them
PASSWORD = "load-test-only"  # noqa: S105 - of a system that lives as long as the measurement
LEAST_SHARE = 0.01  # of a processor; who uses less is not named


@dataclass(slots=True)
class Outcome:
    """What was measured: latencies, refusals by operation and status, and the promises."""

    latencies: Latencies = field(default_factory=Latencies)
    refusals: Counter[str] = field(default_factory=Counter)
    saved: int = 0
    # which share of a processor each program used: while all log in, and once all are in
    processors: dict[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)
    broken_meanwhile: dict[str, list[str]] = field(default_factory=dict)
    clients_in_two_calls: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The figures as lines of text."""
        refused = [f"  refused: {name} {count}" for name, count in sorted(self.refusals.items())]
        used = [_used(when, shares) for when, shares in self.processors.items()]
        saved = f"  results saved: {self.saved}"
        return "\n".join([self.latencies.table(), *refused, *used, saved])


def _used(when: str, shares: Sequence[tuple[str, float]]) -> str:
    each = ", ".join(f"{name} {share:.0%}" for name, share in shares if share >= LEAST_SHARE)
    whole = sum(share for _, share in shares)
    return f"  of one processor, {when}: {whole:.0%}: {each}"


class Operator:
    """One operator and the page in their browser."""

    def __init__(self, http: aiohttp.ClientSession, outcome: Outcome, chance: random.Random):
        self._http = http
        self._outcome = outcome
        self._chance = chance
        self._headers: dict[str, str] = {}
        self._card: Mapping[str, Any] = {}
        self._left_to_server = 0

    async def log_in(self, login: str) -> None:
        """Try until it succeeds, as people do. Raises RuntimeError after ``LOGIN_TRIES``."""
        body = {"login": login, "password": PASSWORD}
        for _ in range(LOGIN_TRIES):
            data = await self.ask("login", "POST", json=body, timeout=LOGIN_TIMEOUT)
            if token := data.get("token"):
                self._headers = {"Authorization": f"Bearer {token}"}
                return
            await asyncio.sleep(AGAIN_SECONDS)
        raise RuntimeError(f"{login} cannot log in: {self._outcome.refusals}")

    async def look(self, is_measured: bool) -> None:
        """Ask what has changed, and react as the page and its operator do."""
        name = "hasChanges" if is_measured else "hasChanges while others log in"
        changes = (await self.ask("hasChanges", "GET", name=name)).get("changes", ())
        if "CLIENT_CARD_READY" in changes:
            self._card = (await self.ask("getClientCard", "GET")).get("clientCard", {})
        if "CALL_FINISHED" in changes and self._card:
            await self._finish()

    async def _finish(self) -> None:
        number = self._card["currentCommunication"]["id"]
        if number == self._left_to_server:
            return
        if self._chance.random() > SAVED_SHARE:
            self._left_to_server = number
            return
        choices = await self.ask(f"dictionaries?communicationId={number}", "GET", "dictionaries")
        results = [one for one in choices.get("results", ()) if one["meaning"] != "CALLBACK"]
        if not results:
            return
        body = {
            "communicationId": number,
            "clientPhone": self._card["clientInfo"]["phone"],
            "communicationResult": {"result": self._chance.choice(results)["text"]},
        }
        await self.ask("saveCommunicationResult", "POST", json=body)
        self._outcome.saved += 1
        self._card = {}

    async def ask(self, path: str, method: str, name: str = "", **body: Any) -> dict[str, Any]:
        """Return the ``data`` of the answer; empty where it was refused, which is counted."""
        name = name or path
        began = time.perf_counter()
        async with self._answer(path, method, name, **body) as data:
            self._outcome.latencies.note(name, time.perf_counter() - began)
            return data

    @asynccontextmanager
    async def _answer(
        self, path: str, method: str, name: str, **body: Any
    ) -> AsyncIterator[dict[str, Any]]:
        data: dict[str, Any] = {}
        try:
            url = f"/api/arm/v1/{path}"
            async with self._http.request(method, url, headers=self._headers, **body) as answer:
                content = await answer.json(content_type=None)
                if answer.status == 200:
                    data = dict(content.get("data") or {})
                else:
                    self._outcome.refusals[f"{name} {answer.status}"] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            self._outcome.refusals[f"{name} {type(error).__name__}"] += 1
        yield data
