"""Earlier conversations of a phone, as the client card shows them: without those that were with
another person, such as the number's former owner."""

from dataclasses import replace
from typing import NamedTuple

from apps.arm import ports
from apps.arm.communication_summary import summary_of
from apps.arm.types import CommunicationSummary, PersonCheck, PersonStatus
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import CommunicationView


class History(NamedTuple):
    """The conversations that are shown, newest first, and how many are not, if any."""

    shown: tuple[CommunicationSummary, ...]
    withheld: int | None = None


NO_HISTORY = History(())


def history_for(communication: CommunicationView, check: PersonCheck | None) -> History:
    """The history of the card of this conversation. ``check`` says whether a service knows the
    number as another person's.

    Once the number is known to have changed hands, each conversation that may have been with its
    former owner is marked.
    """
    earlier = campaigns.history_of(communication.phone, communication.id)
    if not earlier:
        return NO_HISTORY
    persons = ports.client_records().compare_persons(communication, earlier)
    changed_hands = PersonStatus.DIFFERENT in persons or bool(
        check and check.status is PersonStatus.DIFFERENT
    )
    shown = tuple(
        replace(
            summary_of(one),
            person_unknown=True if changed_hands and person is PersonStatus.UNKNOWN else None,
        )
        for one, person in zip(earlier, persons, strict=True)
        if person is not PersonStatus.DIFFERENT
    )
    return History(shown, len(earlier) - len(shown) or None)
