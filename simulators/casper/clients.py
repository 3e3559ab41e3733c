"""Which client Casper finds for a search, and what was changed in them at the control port."""

from simulators.casper.people import make_person
from simulators.casper.trace import make_client
from simulators.seeds import fraction, number_of, rng
from simulators.web import Json, RequestError

KEYS = ("phone", "device_id", "document_series", "document_number")


class Clients:
    """All people that Casper could know. ``other_person_share`` of those it knows are somebody else
    than the person behind the phone: the number has changed hands."""

    def __init__(self, seed: int, found_share: float, other_person_share: float) -> None:
        self._seed = seed
        self._found_share = found_share
        self._other_person_share = other_person_share
        self._changes: dict[str, Json] = {}

    def find(self, asked: Json) -> Json | None:
        """The client of a search, or None. Raises RequestError 400."""
        identity = identity_of(asked)
        changes = self._changes.get(identity)
        if changes is None and self._luck("casper", identity) >= self._found_share:
            return None
        number = number_of(identity)
        if self._luck("casper-other-person", identity) < self._other_person_share:
            number += 1  # the person behind the next phone
        client = make_client(rng(self._seed, "casper", identity), asked, make_person(number))
        if not asked.get("phone"):  # whoever is found by a document has that document
            client |= {key: asked[key] for key in KEYS[2:] if asked.get(key)}
        return client | (changes or {})

    def change(self, identity: str, changes: Json) -> None:
        """From now on this client is found, with ``changes`` in place of the fields of those
        names; whatever they are, they are answered."""
        self._changes[identity] = changes

    def forget_changes(self, identity: str) -> None:
        self._changes.pop(identity, None)

    def _luck(self, *parts: str) -> float:
        return fraction(self._seed, *parts)


def identity_of(asked: Json) -> str:
    """What identifies the client: the phone, else the device, else the document."""
    for key in KEYS:
        if asked.get(key) is not None and not isinstance(asked[key], str):
            raise RequestError(400, "BAD_REQUEST", f"{key} must be a text")
    document = f"{asked.get('document_series') or ''} {asked.get('document_number') or ''}".strip()
    identity = asked.get("phone") or asked.get("device_id") or document
    if not identity:
        raise RequestError(400, "BAD_REQUEST", f"at least one of {', '.join(KEYS)} is needed")
    return str(identity)
