"""Random sequences of what may happen to clients, against telephony in memory.

After each step every promise of ``testing.invariants`` holds, and telephony's own list has no
client in two calls. ``--thorough`` runs many more and longer sequences.
"""

from collections import Counter
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
from apps.campaigns.models import CallOrder, Campaign, CampaignTask, Communication
from apps.campaigns.states import OrderState, TaskState
from apps.campaigns.tests.engine.scenes import RESULTS, set_stage
from apps.campaigns.tests.engine.switch import BUSY_LINES, Line, Switch, SwitchCall
from apps.campaigns.types import (
    AskedBy,
    CallEvent,
    CallEventKind,
    Candidate,
    CommunicationNotFoundError,
    Correction,
    Meaning,
    ResultConflictError,
    ResultForm,
    SystemDisposition,
    Withdrawal,
)
from common.ports import bound
from testing.factories.campaigns import NOON
from testing.invariants import ENGINE, ENGINE_AT_ONCE, assert_invariants

PHONES = ("79130000001", "79130000002", "79130000003")
SETTLING = (
    CallEventKind.ENDED,
    CallEventKind.EXPIRED,
    CallEventKind.WITHDRAWN,
    CallEventKind.LOST,
)
# one of those that there are, whatever their number
WHICH = st.integers(min_value=0, max_value=5)
UNREACHED = st.sampled_from([d for d in SystemDisposition if d != SystemDisposition.CONNECTED])


class Sequences(RuleBasedStateMachine):
    """What may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.stage = set_stage()
        Campaign.objects.update(
            weekday_from="00:00", weekday_till="00:00", weekend_from="00:00", weekend_till="00:00"
        )
        self.switch: Switch = bound("CAMPAIGNS_DIALER")
        self.switch.forget()
        self.switch.operator_ids += [operator.pk for operator in self.stage.operators]
        self.now: datetime = NOON
        self.versions = 0

    def teardown(self) -> None:
        try:
            self._come_to_rest()
        finally:
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)

    # --- applications

    @rule(phone=st.sampled_from(PHONES), campaign=WHICH, age=st.integers(0, 3))
    def a_candidate_comes(self, phone: str, campaign: int, age: int) -> None:
        self.versions += 1
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
                for chosen in self.stage.campaigns[campaign % 3 :]
            ],
            self.now,
        )

    @rule(phone=st.sampled_from(PHONES), campaign=WHICH)
    def an_application_is_outdated(self, phone: str, campaign: int) -> None:
        chosen = self.stage.campaigns[campaign % 2]
        withdrawal = Withdrawal(
            campaign_id=chosen.pk,
            subject_key=f"MOBILE_LOANS/{phone}",
            changed_at=self.now,
            reason="stopped",
        )
        services.withdraw_outdated_tasks([withdrawal])

    @rule(phone=st.sampled_from(PHONES))
    def a_client_asks_for_no_calls_by_letter(self, phone: str) -> None:
        services.never_call_again(phone, "by letter")

    # --- a senior operator

    @precondition(lambda self: CampaignTask.objects.exists())
    @rule(which=WHICH)
    def a_task_is_cancelled(self, which: int) -> None:
        services.cancel_tasks([self._task(which)], self._asked())

    @precondition(lambda self: CampaignTask.objects.exists())
    @rule(which=WHICH)
    def a_task_is_put_off(self, which: int) -> None:
        services.postpone_tasks([self._task(which)], self.now + timedelta(hours=2), self._asked())

    @precondition(lambda self: CampaignTask.objects.exists())
    @rule(which=WHICH)
    def a_task_is_put_back(self, which: int) -> None:
        services.put_back_tasks([self._task(which)], self._asked(), self.now)

    # --- sweeps

    @rule()
    def due_tasks_are_handed_over(self) -> None:
        services.hand_over_due_tasks(self.now)

    @rule(minutes=st.sampled_from([1, 10, 130, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        services.draft_overdue(self.now)
        services.wake_redials(self.now)

    @rule()
    def deferred_candidates_are_promoted(self) -> None:
        services.promote_deferred(self.now)

    @rule(campaign=WHICH)
    def a_campaign_is_paused(self, campaign: int) -> None:
        Campaign.objects.filter(pk=self.stage.campaigns[campaign % 2].pk).update(active=False)
        services.withdraw_paused_orders()

    @rule()
    def campaigns_are_resumed(self) -> None:
        Campaign.objects.update(active=True)

    @rule()
    def unreported_orders_are_withdrawn(self) -> None:
        services.withdraw_lost_orders(self.now)

    # --- telephony

    @rule()
    def requests_are_sent(self) -> None:
        answers = self.switch.remove_asked(self.now)
        self.switch.accept()
        self._take(answers)

    @precondition(lambda self: self.switch.on(Line.ASKED))
    @rule(which=WHICH)
    def telephony_rejects(self, which: int) -> None:
        call = self._one_of(self.switch.on(Line.ASKED), which)
        self._take([self.switch.reject(call, self.now)])

    @precondition(lambda self: self.switch.on(Line.QUEUED))
    @rule(which=WHICH)
    def telephony_dials(self, which: int) -> None:
        self.switch.dial(self._one_of(self.switch.on(Line.QUEUED), which), self.now)

    @precondition(lambda self: self.switch.on(Line.QUEUED))
    @rule(which=WHICH)
    def an_order_expires(self, which: int) -> None:
        self.switch.expire(self._one_of(self.switch.on(Line.QUEUED), which), self.now)

    @precondition(lambda self: self.switch.on(Line.DIALING) and self.switch.free_operators())
    @rule(which=WHICH)
    def a_client_answers(self, which: int) -> None:
        operator_id = self.switch.free_operators()[0]
        call = self._one_of(self.switch.on(Line.DIALING), which)
        self.switch.connect(call, operator_id, self.now)

    @precondition(lambda self: self.switch.on(*BUSY_LINES))
    @rule(which=WHICH, disposition=UNREACHED)
    def a_call_ends(self, which: int, disposition: SystemDisposition) -> None:
        self.switch.end(self._one_of(self.switch.on(*BUSY_LINES), which), disposition, self.now)

    @precondition(lambda self: self.switch.on(Line.QUEUED, *BUSY_LINES))
    @rule(which=WHICH)
    def telephony_forgets(self, which: int) -> None:
        call = self._one_of(self.switch.on(Line.QUEUED, *BUSY_LINES), which)
        call.line = Line.FORGOTTEN

    @precondition(lambda self: self.switch.reports)
    @rule(data=st.data())
    def reports_arrive(self, data: st.DataObject) -> None:
        """Some of them, in any order, some of them twice."""
        every = range(len(self.switch.reports))
        places = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=4))
        self._take([self.switch.reports[place] for place in places])

    @rule()
    def all_reports_arrive(self) -> None:
        reports = list(self.switch.reports)
        self.switch.reports.clear()
        self._take(reports)

    @rule()
    def unsettled_calls_are_looked_up(self) -> None:
        over = [
            call
            for call in self.switch.on(Line.OVER, Line.REMOVED, Line.FORGOTTEN)
            if not call.is_settled
        ]
        self._take([self.switch.looked_up(call, self.now) for call in over])

    # --- operators

    @precondition(lambda self: Communication.objects.exists())
    @rule(which=WHICH, meaning=st.sampled_from(sorted(Meaning)))
    def a_result_is_saved(self, which: int, meaning: Meaning) -> None:
        if meaning in RESULTS:
            form = self._form(which, RESULTS[meaning])
            try:
                services.save_result(form, self.now)
            except (ResultConflictError, CommunicationNotFoundError):
                return

    @precondition(lambda self: Communication.objects.filter(state="FIXED").exists())
    @rule(which=WHICH, meaning=st.sampled_from(sorted(RESULTS)))
    def a_result_is_corrected(self, which: int, meaning: Meaning) -> None:
        saved = list(Communication.objects.filter(state="FIXED").order_by("-pk")[:6])
        talk = saved[which % len(saved)]
        correction = Correction(
            communication_id=talk.pk, by=talk.operator_id, own=False, result=RESULTS[meaning]
        )
        services.correct_result(correction, self.now)

    @precondition(lambda self: Communication.objects.exists())
    @rule(which=WHICH)
    def a_draft_is_saved(self, which: int) -> None:
        try:
            services.save_draft(self._form(which, ""), self.now)
        except ResultConflictError:
            return

    # --- what always holds

    @invariant()
    def every_promise_holds(self) -> None:
        assert_invariants(self.now, ENGINE_AT_ONCE)

    @invariant()
    def telephony_has_no_client_in_two_calls(self) -> None:
        lines = Counter(call.phone for call in self.switch.on(*BUSY_LINES))
        assert all(count == 1 for count in lines.values()), lines

    # ---

    def _take(self, events: list[CallEvent]) -> None:
        services.take_call_events(events)
        for event in events:
            if event.kind in SETTLING:
                self.switch.calls[event.order_id].is_settled = True

    @staticmethod
    def _task(which: int) -> int:
        tasks = list(CampaignTask.objects.order_by("-pk").values_list("pk", flat=True)[:6])
        return int(tasks[which % len(tasks)])

    def _asked(self) -> AskedBy:
        return AskedBy(operator_id=self.stage.operators[0].pk, why="by hand")

    @staticmethod
    def _one_of(calls: list[SwitchCall], which: int) -> SwitchCall:
        return calls[which % len(calls)]

    def _form(self, which: int, result: str) -> ResultForm:
        talks = list(Communication.objects.order_by("-pk")[:6])
        talk = talks[which % len(talks)]
        return ResultForm(
            communication_id=talk.pk, operator_id=talk.operator_id, phone=talk.phone, result=result
        )

    def _come_to_rest(self) -> None:
        """Telephony ends what goes on and reports all; nothing is stuck then."""
        self.requests_are_sent()
        for call in self.switch.on(*BUSY_LINES):
            self.switch.end(call, SystemDisposition.NO_ANSWER, self.now)
        for call in self.switch.on(Line.QUEUED):
            self.switch.expire(call, self.now)
        self.all_reports_arrive()
        self.unsettled_calls_are_looked_up()
        self.requests_are_sent()
        self.now += timedelta(days=1)
        services.draft_overdue(self.now)
        assert_invariants(self.now, ENGINE)
        open_orders = CallOrder.objects.exclude(state=OrderState.CLOSED)
        assert list(open_orders.values_list("pk", "state")) == []
        in_progress = CampaignTask.objects.filter(task_state=TaskState.IN_PROGRESS)
        assert list(in_progress.values_list("pk")) == []


@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_the_promises_hold(
    core_alone: None, settings: Settings, thorough: bool
) -> None:
    settings.CAMPAIGNS_DIALER = "apps.campaigns.tests.engine.switch.Switch"
    run_state_machine_as_test(Sequences, settings=effort(thorough))


def effort(thorough: bool) -> settings:
    return settings(
        max_examples=1_000 if thorough else 25,
        stateful_step_count=80 if thorough else 40,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
