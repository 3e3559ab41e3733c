"""Hashing of passwords: one at a time, at a low priority, with strong enough parameters."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from pytest_django import Settings

from apps.security import hashing

OURS = "apps.security.hashing.OneAtATimeArgon2Hasher"
# KiB, passes, lanes: what its password storage sheet calls the minimum
OWASP_MINIMUM = (19_456, 2, 1)


@pytest.fixture
def ours(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [OURS]


@pytest.mark.usefixtures("ours")
def test_a_hash_is_argon2id_with_parameters_that_owasp_names() -> None:
    hashed = make_password("correct horse")

    decoded = hashing.OneAtATimeArgon2Hasher().decode(hashed)
    assert decoded["variety"] == "argon2id"
    assert (decoded["memory_cost"], decoded["time_cost"], decoded["parallelism"]) == OWASP_MINIMUM
    assert check_password("correct horse", hashed)
    assert not check_password("wrong horse", hashed)


@pytest.mark.usefixtures("ours")
def test_a_password_of_an_earlier_release_is_accepted_and_hashed_anew() -> None:
    class Earlier(Argon2PasswordHasher):
        time_cost = 2
        memory_cost = 8_192
        parallelism = 8

    kept: list[str] = []

    assert check_password("correct horse", Earlier().encode("correct horse", "s" * 22), kept.append)
    assert kept == ["correct horse"]


@pytest.mark.usefixtures("ours")
def test_all_hashes_of_a_process_are_made_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def noting(self: object, password: str, salt: str) -> str:
        threads.append(threading.get_ident())
        return "argon2$"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", noting)

    with ThreadPoolExecutor(4) as askers:
        list(askers.map(make_password, ["a"] * 8))

    assert len(threads) == 8
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_the_hashing_thread_gives_way_to_the_others() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert hashing._hashing_thread().submit(niceness).result() == niceness() + hashing.NICENESS
