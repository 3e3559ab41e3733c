"""Errors of calls of outside services: those that a retry may help, and those it never will.

No text of these errors holds what was sent or received, so they may be logged.
"""


class ServiceError(Exception):
    """A call failed. ``service`` is the service's name, ``what`` says what happened, ``status`` is
    the HTTP status where there was one.
    """

    def __init__(self, service: str, what: str, *, status: int | None = None) -> None:
        super().__init__(f"{service}: {what}")
        self.service = service
        self.what = what
        self.status = status


class TemporaryError(ServiceError):
    """A retry may help: no connection, a time-out, 408, 425, 429, 5xx."""

    retry_after_seconds: float | None = None  # what the service itself asked for
    again_at_once = False  # a pause of a second may help; otherwise a later sweep repeats the call
    was_sent = True  # the service may have seen the call, and so have done what it asks for


class CircuitOpenError(TemporaryError):
    """The call was not made: the service has kept failing and is not called for a while."""

    was_sent = False


class ContractError(TemporaryError):
    """The answer does not fit the contract. The text names the field and quotes no value."""


class PermanentError(ServiceError):
    """No retry helps: any other 4xx, a redirect, wrong credentials."""
