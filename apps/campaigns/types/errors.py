"""Errors that the campaign engine raises for other apps to catch."""


class CampaignNotFoundError(Exception):
    """There is no such campaign."""


class CommunicationNotFoundError(Exception):
    """There is no such communication, or it is not this operator's (the two look alike)."""


class ResultConflictError(Exception):
    """Another result was saved already, or the phone is not the communication's."""


class CorrectionTooLateError(Exception):
    """The time in which operators may correct their own results is over."""


class InvalidResultError(Exception):
    """The form breaks a rule; ``errors`` maps each field to what was expected of it."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class IllegalMoveError(Exception):
    """The table of legal moves does not hold this move of a task."""
