"""How calls of outside services go wrong, sorted once: again, or never.

No text of these errors holds what was sent or received, so they may be logged.
"""


class ServiceError(Exception):
    """A service did not do what it was asked. ``status``: of HTTP, where there was one."""

    def __init__(self, service: str, what: str, *, status: int | None = None) -> None:
        super().__init__(f"{service}: {what}")
        self.service = service
        self.what = what
        self.status = status


class TemporaryError(ServiceError):
    """It may work later: no connection, no time, 408, 425, 429, 5xx."""

    # what the service itself asked for
    retry_after_seconds: float | None = None
    # whether a pause of a second may help; else a later sweep repeats the call
    again_at_once = False
    # whether the service may have seen the call, and so done what it asks for
    was_sent = True


class CircuitOpenError(TemporaryError):
    """The call was not made: the service kept failing and is left alone for a while."""

    was_sent = False


class ContractError(TemporaryError):
    """The answer does not fit the contract; the text says where, and quotes no value."""


class PermanentError(ServiceError):
    """It will never work as asked: any other 4xx, a redirect, wrong credentials."""
