"""One sick verdict, batch or cascade is set aside with its error, and the others go on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import AttentionItem, CampaignTask, Decision
from apps.campaigns.services import release
from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.judging.batches import judge_for_a_while
from apps.filters.models import Application, Cascade, JudgementBatch, Verdict
from apps.filters.rules import RULES
from apps.filters.rules.base import InternalRule
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_due, judge_fully

pytestmark = pytest.mark.django_db

SICK = "79000000666"
REFUSE_A_PASS = """
CREATE FUNCTION pg_temp.refuse_a_pass() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.phone = '79000000666' AND NEW.verdict = 'PASSED' THEN
        RAISE EXCEPTION 'no row of this client';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_a_pass BEFORE INSERT ON "tm$decisions"
FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse_a_pass()
"""
REFUSE_NO_CAMPAIGN = """
CREATE FUNCTION pg_temp.refuse_no_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rule = 'NO_CAMPAIGN' THEN
        RAISE EXCEPTION 'no such row';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_no_campaign BEFORE INSERT ON "tm$decisions"
FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse_no_campaign()
"""
ALL: dict[str, Any] = {"data-streams": ["MOBILE_LOANS"], "filters-order": []}


class ChokesOnOneClient(InternalRule):
    """A filter with a mistake: it raises for one client."""

    name = "CHOKES"
    title = "chokes"

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        if application.phone == SICK:
            raise ZeroDivisionError(application.last_name)
        return None


@pytest.fixture
def choking(monkeypatch: pytest.MonkeyPatch) -> Cascade:
    monkeypatch.setitem(RULES, ChokesOnOneClient.name, ChokesOnOneClient)
    cascade: Cascade = CascadeFactory.create(settings={**ALL, "filters-order": ["CHOKES"]})
    return cascade


def judge_sick_and_sound() -> None:
    applications = [ApplicationFactory.create(phone=SICK), ApplicationFactory.create()]
    judge_fully(batch_of(*applications).pk, NOW)


def states() -> list[tuple[bool, str]]:
    rows = Verdict.objects.order_by("pk").values_list("application__phone", "state")
    return [(phone == SICK, state) for phone, state in rows]


def item() -> AttentionItem:
    return AttentionItem.objects.get()


def test_a_filter_that_raises_makes_only_that_verdict_wait(choking: Cascade) -> None:
    CascadeFactory.create(settings=ALL)

    judge_sick_and_sound()

    assert sorted(states()) == [
        (False, "PASSED"),
        (False, "PASSED"),
        (True, "PASSED"),
        (True, "WAITING"),
    ]
    verdict = Verdict.objects.get(state="WAITING")
    assert (verdict.rule, verdict.reason) == (
        "UNEXPECTED_ERROR",
        "непредвиденная ошибка: ZeroDivisionError",
    )
    assert (item().kind, item().key) == (
        "VERDICT",
        f"{verdict.application_id}:{choking.campaign_id}",
    )
    assert item().error.startswith("ZeroDivisionError stops:")


def test_a_thousand_sick_verdicts_cost_as_many_queries_as_one(choking: Cascade) -> None:
    judge_sick_and_sound()  # what is loaded once is loaded now
    counts = []
    for size in (1, 1_000):
        sick = [ApplicationFactory.build(phone=SICK) for _number in range(size)]
        batch = batch_of(*Application.objects.bulk_create(sick))
        with CaptureQueriesContext(connection) as asked:
            judge_fully(batch.pk, NOW)
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert AttentionItem.objects.count() == 1_002


def test_it_is_tried_again_with_growing_pauses_until_patience_ends_it(choking: Cascade) -> None:
    judge_sick_and_sound()
    entered_at = Verdict.objects.get(state="WAITING").wtime
    pauses = []
    for hours in (1, 10):
        at = entered_at + timedelta(hours=hours)
        judge_due(at)
        next_try_at = Verdict.objects.get(state="WAITING").next_try_at
        assert next_try_at is not None
        pauses.append(next_try_at - at)

    judge_due(entered_at + timedelta(hours=25))

    assert pauses[0] < pauses[1]
    verdict = Verdict.objects.get(rule="UNEXPECTED_ERROR")
    assert verdict.state == "STOPPED"
    assert verdict.reason == "не удалось проверить, непредвиденная ошибка: ZeroDivisionError"
    assert not AttentionItem.objects.exists()


def test_once_the_cause_is_gone_a_released_verdict_is_judged_at_once(
    choking: Cascade, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_sick_and_sound()
    monkeypatch.setattr(f"{__name__}.SICK", "nobody")

    assert judge_due(NOW + timedelta(seconds=1)).total == 0
    release([item().pk], NOW)
    judge_due(NOW + timedelta(seconds=1))

    assert not Verdict.objects.filter(state="WAITING").exists()
    assert not AttentionItem.objects.exists()


def test_a_verdict_that_cannot_be_written_is_set_aside_alone() -> None:
    CascadeFactory.create(settings=ALL)
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_A_PASS)

    applications = ApplicationFactory.create_batch(5)
    applications.append(ApplicationFactory.create(phone=SICK))
    judge_fully(batch_of(*applications).pk, NOW)

    assert sorted(states()) == [(False, "PASSED")] * 5 + [(True, "WAITING")]
    assert CampaignTask.objects.count() == 5
    assert Verdict.objects.get(state="WAITING").reason.startswith("непредвиденная ошибка: ")
    assert item().kind == "VERDICT"


def test_a_batch_that_cannot_be_judged_is_set_aside_and_the_next_goes_on() -> None:
    CascadeFactory.create(settings=ALL)
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_NO_CAMPAIGN)
    sick = batch_of(ApplicationFactory.create(stream="POS_REJECT"))
    sound = batch_of(ApplicationFactory.create())

    done = judge_for_a_while(lambda: NOW)

    assert not done.is_rest_left
    unjudged = JudgementBatch.objects.filter(judged_at=None)
    assert [batch.pk for batch in unjudged] == [sick.pk]
    assert (item().kind, item().key) == ("JUDGEMENT_BATCH", str(sick.pk))
    sound.refresh_from_db()
    assert sound.judged_at == NOW


def test_a_batch_that_was_set_aside_is_tried_again_and_forgotten_once_it_is_judged() -> None:
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_NO_CAMPAIGN)
    batch_of(ApplicationFactory.create(stream="POS_REJECT"))
    judge_for_a_while(lambda: NOW)
    with connection.cursor() as cursor:
        cursor.execute('DROP TRIGGER refuse_no_campaign ON "tm$decisions"')

    judge_for_a_while(lambda: NOW + timedelta(seconds=1))
    assert AttentionItem.objects.exists()
    judge_for_a_while(lambda: NOW + timedelta(hours=1))

    assert not JudgementBatch.objects.filter(judged_at=None).exists()
    assert not AttentionItem.objects.exists()


@pytest.mark.parametrize("broken", [[], "AGE", {"data-streams": 5}])
def test_settings_that_make_the_reading_raise_hold_up_only_their_campaign(broken: Any) -> None:
    CascadeFactory.create(settings=broken)
    CascadeFactory.create(settings=ALL)

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().state == "PASSED"


def test_the_ledger_has_a_row_for_each_filter_that_judged() -> None:
    CascadeFactory.create(
        settings={
            **ALL,
            "request-statuses": ["registered"],
            "filters-order": ["RESIDENCE", "AGE"],
            "citizenship-unavailable-countries": ["BLR"],
            "min-age": 99,
        }
    )

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    rows = Decision.objects.order_by("pk").values_list("rule", "verdict")
    assert list(rows) == [("REQUEST_STATUS", "PASSED"), ("RESIDENCE", "PASSED"), ("AGE", "STOPPED")]
