"""Random sequences of what may happen, against the simulated MightyCall: over HTTP, with the real
sender, poller and reconciliation. ``--thorough`` runs many more and longer sequences.

The core's own test of this kind knows telephony in memory and tries far more orders of reports.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from apps.campaigns import services
from apps.campaigns.models import CallOrder, Campaign, Communication
from apps.campaigns.states import OrderState
from apps.campaigns.types import Candidate, Meaning, ResultConflictError, ResultForm
from apps.telephony.events.event_poller import poll_events
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.reconciliation import reconcile_calls
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import sweep_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import CampaignFactory, DispositionFactory
from testing.factories.telephony import AccountFactory
from testing.invariants import (
    ENGINE,
    ENGINE_AT_ONCE,
    TELEPHONY,
    assert_invariants,
    clients_in_two_calls,
)
from testing.waiting import until

SPEED = 1_000.0  # a call takes some ten milliseconds
# two conversations, an unanswered call, a busy line, a failing network, an end that is never told
FATES = ("00", "77", "80", "86", "50", "93")
WHICH = st.integers(min_value=0, max_value=5)
FAULTS: tuple[dict[str, float], ...] = (
    {"effect_without_answer": 0.5},
    {"lost_events": 0.3},
    {"doubled_events": 0.5, "reordered_events": 0.5},
    {"error_rate": 0.3},
)
MEANINGS = (Meaning.SUCCESS, Meaning.REDIAL, Meaning.NEVER_AGAIN)


class Calls(RuleBasedStateMachine):
    """Clients, operators and MightyCall."""

    mightycall: SimulatedMightyCall
    new_phone: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.mightycall.begin()
        self.mightycall.set_pace(speed=SPEED, wrap_up_sec=0)
        self.phones = [f"{self.new_phone()[:-2]}{fate}" for fate in FATES]
        self.ahead = timedelta(0)
        self.versions = 0
        self.campaigns = [_campaign(), _campaign()]
        for account in AccountFactory.create_batch(2):
            MightyCallSessions().open_session(account.operator_id)
        sweep_presence(self.now)

    def teardown(self) -> None:
        try:
            self._come_to_rest()
        finally:
            self.mightycall.end()
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return clock.now() + self.ahead

    @rule(which=WHICH, campaign=WHICH, age=st.integers(0, 3))
    def a_candidate_comes(self, which: int, campaign: int, age: int) -> None:
        self.versions += 1
        phone = self.phones[which]
        services.add_candidates(
            [
                Candidate(
                    campaign_id=chosen.pk,
                    phone=phone,
                    client_info={},
                    source_key=f"application:{self.versions}",
                    subject_key=f"MOBILE_LOANS/{phone}",
                    changed_at=self.now - timedelta(hours=age),
                )
                for chosen in self.campaigns[campaign % 3 :]
            ],
            self.now,
        )

    @rule()
    def due_tasks_are_handed_over_and_sent(self) -> None:
        services.hand_over_due_tasks(self.now)
        send_queue(self.now)

    @rule()
    def events_are_polled(self) -> None:
        poll_events()

    @rule()
    def unreported_calls_are_looked_up(self) -> None:
        reconcile_calls(self.now)

    @rule(minutes=st.sampled_from([1, 20, 130]))
    def time_passes(self, minutes: int) -> None:
        """Sessions of operators may close meanwhile; the sweep opens them again."""
        self.ahead += timedelta(minutes=minutes)
        self.mightycall.move_clock(self.ahead.total_seconds())
        poll_events()
        sweep_presence(self.now)
        services.draft_overdue(self.now)
        services.wake_redials(self.now)
        services.promote_deferred(self.now)

    @rule(campaign=WHICH)
    def a_campaign_is_paused(self, campaign: int) -> None:
        Campaign.objects.filter(pk=self.campaigns[campaign % 2].pk).update(active=False)
        services.withdraw_paused_orders()
        send_queue(self.now)

    @rule()
    def campaigns_are_resumed(self) -> None:
        Campaign.objects.update(active=True)

    @rule(faults=st.sampled_from(FAULTS))
    def mightycall_fails(self, faults: dict[str, float]) -> None:
        self.mightycall.put_faults(**faults)

    @rule()
    def mightycall_works(self) -> None:
        self.mightycall.clear_faults()

    @precondition(lambda self: Communication.objects.exists())
    @rule(which=WHICH, meaning=st.sampled_from(MEANINGS))
    def a_result_is_saved(self, which: int, meaning: Meaning) -> None:
        talks = list(Communication.objects.order_by("-pk")[:6])
        talk = talks[which % len(talks)]
        form = ResultForm(
            communication_id=talk.pk,
            operator_id=talk.operator_id,
            phone=talk.phone,
            result=meaning.value,
        )
        try:
            services.save_result(form, self.now)
        except ResultConflictError:
            return

    @invariant()
    def every_promise_holds(self) -> None:
        assert_invariants(self.now, (*ENGINE_AT_ONCE, *TELEPHONY))

    def _come_to_rest(self) -> None:
        self.mightycall.clear_faults()
        Campaign.objects.update(active=False)
        services.withdraw_paused_orders()

        def is_at_rest() -> bool:
            # late enough for whatever was not answered to be looked up again
            send_queue(self.now + timedelta(hours=1))
            poll_events()
            reconcile_calls(self.now + timedelta(hours=1))
            services.draft_overdue(self.now + timedelta(days=1))
            return not CallOrder.objects.exclude(state=OrderState.CLOSED).exists()

        until(is_at_rest, "every order is closed", 30)
        assert_invariants(self.now + timedelta(days=1), (*ENGINE, *TELEPHONY))
        calls = [one for one in self.mightycall.calls() if one["phone"] in self.phones]
        assert clients_in_two_calls(calls) == []


def _campaign() -> Campaign:
    campaign = CampaignFactory.create(
        weekday_from="00:00", weekday_till="00:00", weekend_from="00:00", weekend_till="00:00"
    )
    for meaning in MEANINGS:
        minutes = 60 if meaning == Meaning.REDIAL else 0
        DispositionFactory.create(
            campaign=campaign, meaning=meaning, result=meaning.value, block_minutes=minutes
        )
    return campaign


@pytest.mark.django_db
def test_whatever_happens_the_promises_hold_with_the_real_sender_and_poller(
    mightycall: SimulatedMightyCall,
    settings: Settings,
    unused_phone: Callable[[], str],
    thorough: bool,
) -> None:
    settings.CAMPAIGNS_CALL_GUARD = "apps.telephony.tests.test_whole_way.NobodyIsRefused"
    settings.TELEPHONY_RECONCILE_SECONDS = 0  # each look-up asks about every call
    tried = {"mightycall": mightycall, "new_phone": staticmethod(unused_phone)}
    run_state_machine_as_test(type("Calls", (Calls,), tried), settings=_effort(thorough))


def _effort(thorough: bool) -> settings:
    return settings(
        max_examples=100 if thorough else 5,
        stateful_step_count=60 if thorough else 30,
        deadline=None,
        database=None,
        derandomize=not thorough,  # how long calls take varies: what is tried does not
        suppress_health_check=list(HealthCheck),
    )
