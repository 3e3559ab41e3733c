"""System disposition of a call from MightyCall's word, or from the network's codes where the word
is unknown.
"""

from apps.campaigns.types import SystemDisposition as Outcome

WORDS = {
    "Connected": Outcome.CONNECTED,
    "ContactBusy": Outcome.BUSY,
    "ContactNoResponse": Outcome.NO_ANSWER,
    "ContactRejected": Outcome.REJECTED,
    "InvalidNumber": Outcome.INVALID_NUMBER,
    "ContactUnreachable": Outcome.UNREACHABLE,
    "NetworkFailure": Outcome.NETWORK_FAILURE,
    "AnsweringMachine": Outcome.ANSWERING_MACHINE,
    "AgentAbandoned": Outcome.ABANDONED,
    "Cancelled": Outcome.CANCELLED,
    "Failed": Outcome.FAILED,
}

Q850_CAUSES = {
    16: Outcome.CONNECTED,
    **dict.fromkeys((17,), Outcome.BUSY),
    **dict.fromkeys((18, 19), Outcome.NO_ANSWER),
    **dict.fromkeys((21,), Outcome.REJECTED),
    **dict.fromkeys((1, 22, 28), Outcome.INVALID_NUMBER),
    **dict.fromkeys((3, 20, 27), Outcome.UNREACHABLE),
    **dict.fromkeys((34, 38, 41, 42, 44), Outcome.NETWORK_FAILURE),
}

SIP_CODES = {
    **dict.fromkeys((486,), Outcome.BUSY),
    **dict.fromkeys((408, 480), Outcome.NO_ANSWER),
    **dict.fromkeys((603,), Outcome.REJECTED),
    **dict.fromkeys((404, 410, 484), Outcome.INVALID_NUMBER),
    **dict.fromkeys((500, 502, 503, 504), Outcome.NETWORK_FAILURE),
}


def outcome_of(word: str | None, q850: int | None = None, sip: int | None = None) -> Outcome:
    """Return the disposition of the word; of an unknown word, that of the Q.850 cause, else that of
    the SIP code, else FAILED.
    """
    if word in WORDS:
        return WORDS[word]
    if q850 in Q850_CAUSES:
        return Q850_CAUSES[q850]
    return SIP_CODES.get(sip or 0, Outcome.FAILED)


def cause_text(q850: int | None, sip: int | None) -> str:
    """Return the network's codes as a call keeps them, e.g. ``Q.850 17, SIP 486``."""
    parts = [("Q.850", q850), ("SIP", sip)]
    return ", ".join(f"{name} {code}" for name, code in parts if code is not None)
