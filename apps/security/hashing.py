"""How passwords are hashed: with Argon2id, one at a time in each process, at a low priority.

A hash is meant to be dear, so many log-ins at once could take the processor from everybody who
works. Here each process has one thread for hashing, of low priority, and a hash uses no other. So
whoever logs in waits for those before them, and whoever works notices little. Measured figures are
in docs/adr/0023-one-hash-at-a-time.md.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

# How much nicer than its process the thread that hashes is: on a busy machine it gets a third of
# what the workplace gets, and as much as the long lanes of the workers.
NICENESS = 5


class OneAtATimeArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with parameters of OWASP's password storage sheet: 19 MiB, two passes, one lane.

    Passwords hashed with other parameters are still accepted, and hashed anew at their next log-in.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1  # a hash of several lanes would start threads of its own

    def encode(self, password: str, salt: str) -> str:
        return str(_hashing_thread().submit(super().encode, password, salt).result())

    def verify(self, password: str, encoded: str) -> bool:
        return bool(_hashing_thread().submit(super().verify, password, encoded).result())


@cache
def _hashing_thread() -> ThreadPoolExecutor:
    """The thread of this process. Started at the first use: a fork would lose it."""
    return ThreadPoolExecutor(1, thread_name_prefix="hashing", initializer=_be_nice)


def _be_nice(*_: Any) -> None:
    with suppress(OSError):  # only Linux has a priority for each thread
        thread = threading.get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
