"""How a call goes: by the last two digits of the number, else by a realistic mix from the seed."""

from dataclasses import dataclass
from enum import StrEnum

from simulators.seeds import fraction


class Fate(StrEnum):
    AGENT_HANGS_UP = "agent_hangs_up"
    CLIENT_HANGS_UP = "client_hangs_up"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    INVALID = "invalid"
    REJECTED = "rejected"
    NETWORK_FAILURE = "network_failure"
    UNREACHABLE = "unreachable"
    ANSWERING_MACHINE = "answering_machine"
    ABANDONED = "abandoned"  # dialled although nobody is free; the client answers to silence
    END_LOST = "end_lost"  # connected, but CallEnded is never sent


BY_ENDING = {
    "00": Fate.AGENT_HANGS_UP,
    "77": Fate.CLIENT_HANGS_UP,
    "80": Fate.NO_ANSWER,
    "86": Fate.BUSY,
    "04": Fate.INVALID,
    "03": Fate.REJECTED,
    "50": Fate.NETWORK_FAILURE,
    "66": Fate.ANSWERING_MACHINE,
    "91": Fate.ABANDONED,
    "93": Fate.END_LOST,
}
# Shares of all other numbers, in thousandths.
MIX = {
    Fate.AGENT_HANGS_UP: 330,
    Fate.CLIENT_HANGS_UP: 300,
    Fate.NO_ANSWER: 170,
    Fate.BUSY: 65,
    Fate.ANSWERING_MACHINE: 50,
    Fate.REJECTED: 40,
    Fate.UNREACHABLE: 30,
    Fate.NETWORK_FAILURE: 5,
    Fate.INVALID: 5,
    Fate.ABANDONED: 5,
}


@dataclass(frozen=True)
class Ending:
    """What CallEnded says, and how far the call gets before that."""

    disposition: str
    hangup_by: str
    cause_q850: int
    sip_status: int | None
    rings: bool = True
    talks: bool = False


ENDINGS = {
    Fate.AGENT_HANGS_UP: Ending("Connected", "Agent", 16, 200, talks=True),
    Fate.CLIENT_HANGS_UP: Ending("Connected", "Client", 16, 200, talks=True),
    Fate.END_LOST: Ending("Connected", "Client", 16, 200, talks=True),
    Fate.NO_ANSWER: Ending("ContactNoResponse", "System", 19, 480),
    Fate.BUSY: Ending("ContactBusy", "System", 17, 486, rings=False),
    Fate.INVALID: Ending("InvalidNumber", "System", 1, 404, rings=False),
    Fate.REJECTED: Ending("ContactRejected", "Client", 21, 603),
    Fate.NETWORK_FAILURE: Ending("NetworkFailure", "System", 38, 503, rings=False),
    Fate.UNREACHABLE: Ending("ContactUnreachable", "System", 20, None, rings=False),
    Fate.ANSWERING_MACHINE: Ending("AnsweringMachine", "System", 16, 200),
    Fate.ABANDONED: Ending("AgentAbandoned", "Client", 16, 200),
}
HUNG_UP_EARLY = Ending("Cancelled", "Agent", 16, 487)  # the agent hung up before anybody answered
DROPPED = Ending("NetworkFailure", "System", 41, 503)  # the simulator died during the call


def fate_of(seed: int, phone: str, task_id: str) -> Fate:
    """How a call to the number goes. The key includes the attempt, so a redial may go another
    way.
    """
    by_ending = BY_ENDING.get(phone[-2:])
    if by_ending is not None:
        return by_ending
    luck = fraction(seed, phone, task_id) * sum(MIX.values())
    for fate, share in MIX.items():
        luck -= share
        if luck < 0:
            return fate
    return Fate.AGENT_HANGS_UP
