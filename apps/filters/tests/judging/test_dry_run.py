"""Dry runs: what they compare, what they know, and that they leave no trace."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging import runs
from apps.filters.judging.dry_run import Comparison
from apps.filters.judging.runs import Asked, advance_run, cancel_run, request_dry_run
from apps.filters.models import Application, Cascade, DryRun, Verdict
from apps.filters.states import RunState
from apps.filters.tasks import advance_dry_runs
from testing.factories.campaigns import CampaignFactory, CommunicationFactory, DispositionFactory
from testing.factories.filters import ApplicationFactory, batch_of, person_behind
from testing.judging import judge_fully
from testing.rivals import PATIENCE_SECONDS, Rivals
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)  # after whatever a test stores
BASE: dict[str, Any] = {"data-streams": ["MOBILE_LOANS"], "filters-order": []}
ASKED = Asked(author_id=None, at=LATER)
ALL_DAYS = 100_000 // 3


def live(**settings: Any) -> Cascade:
    return set_cascade(CampaignFactory.create().pk, {**BASE, **settings}, author_id=None)


def to_its_end(run: DryRun) -> DryRun:
    while advance_run(run.pk, NOW):
        pass
    run.refresh_from_db()
    return run


def compared(cascade: Cascade, settings: dict[str, Any], on: date | None = None) -> Comparison:
    """The result of a dry run of these settings, over all that is stored."""
    run = request_dry_run(cascade.campaign_id, {**BASE, **settings}, ALL_DAYS, on, ASKED)
    assert to_its_end(run).state == RunState.DONE
    return Comparison.of_json(run.result)


def stored(application: Application, at: datetime) -> None:
    """Let the application have been stored at this moment."""
    Application.objects.filter(pk=application.pk).update(wtime=at)


def with_order(*names: str, **settings: Any) -> dict[str, Any]:
    return {
        "filters-order": list(names),
        **{key.replace("_", "-"): v for key, v in settings.items()},
    }


def test_a_run_compares_and_leaves_no_trace() -> None:
    ApplicationFactory.create_batch(2, citizenship="BLR")
    ApplicationFactory.create(birth_date=date(2090, 1, 1))
    before = with_order("RESIDENCE", citizenship_unavailable_countries=["BLR"])
    cascade = live(**before)

    result = compared(cascade, with_order("AGE", min_age=18))

    assert (result.applications, result.gained, result.lost) == (3, 2, 1)
    assert (result.live.entered, result.changed.entered) == (3, 3)
    assert result.live.stopped == {"RESIDENCE": 2}
    assert result.changed.stopped == {"AGE": 1}
    assert result.lost_examples[0][1].startswith("AGE: ")
    assert not Verdict.objects.exists()
    assert not Decision.objects.exists()


def test_five_examples_of_each_change_are_shown() -> None:
    ApplicationFactory.create_batch(7, citizenship="BLR")
    ApplicationFactory.create_batch(6, citizenship="UKR")
    cascade = live(**with_order("RESIDENCE", citizenship_unavailable_countries=["BLR"]))

    result = compared(cascade, with_order("RESIDENCE", citizenship_unavailable_countries=["UKR"]))

    assert (result.gained, result.lost) == (7, 6)
    assert (len(result.gained_examples), len(result.lost_examples)) == (5, 5)


def test_the_settings_of_a_campaign_without_a_cascade_are_compared_with_none() -> None:
    ApplicationFactory.create()

    run = request_dry_run(CampaignFactory.create().pk, BASE, ALL_DAYS, None, ASKED)

    result = Comparison.of_json(to_its_end(run).result)
    assert run.live_version == 0
    assert (result.live.entered, result.changed.entered, result.gained) == (0, 1, 1)


def test_a_result_is_kept_and_read_as_it_was() -> None:
    ApplicationFactory.create()
    cascade = live()
    run = to_its_end(request_dry_run(cascade.campaign_id, BASE, ALL_DAYS, None, ASKED))

    kept = Comparison.of_json(DryRun.objects.get(pk=run.pk).result)

    assert kept.to_json() == run.result
    assert kept.changed.passed == 1


def test_a_run_goes_on_with_the_slice_at_which_another_worker_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "SLICE_IDS", 2)
    ApplicationFactory.create_batch(5)
    run = request_dry_run(live().campaign_id, BASE, ALL_DAYS, None, ASKED)
    for _slice in range(3):
        advance_run(run.pk, NOW)
    run.refresh_from_db()
    looked_at = run.result["applications"]

    finished = to_its_end(run)

    assert looked_at < 5
    assert (finished.state, finished.percent) == (RunState.DONE, 100)
    assert finished.result["applications"] == 5


def test_a_run_begins_with_the_first_application_that_is_kept() -> None:
    first = ApplicationFactory.create()
    run = request_dry_run(live().campaign_id, BASE, ALL_DAYS, None, ASKED)

    advance_run(run.pk, NOW)

    run.refresh_from_db()
    assert (run.first_id, run.end_id) == (first.pk - 1, first.pk)


def test_a_cancelled_run_stays_cancelled_and_keeps_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "SLICE_IDS", 1)
    ApplicationFactory.create_batch(3)
    run = request_dry_run(live().campaign_id, BASE, ALL_DAYS, None, ASKED)
    advance_run(run.pk, NOW)

    assert cancel_run(run.pk, NOW)
    assert not advance_run(run.pk, NOW)
    assert not cancel_run(run.pk, NOW)

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


@pytest.fixture
def broken_run() -> DryRun:
    """A run whose row a release can no longer read."""
    run = request_dry_run(live().campaign_id, BASE, ALL_DAYS, None, ASKED)
    DryRun.objects.filter(pk=run.pk).update(settings=["no", "mapping"])
    return run


def test_a_run_that_raises_fails_alone(broken_run: DryRun) -> None:
    ApplicationFactory.create()
    sound = request_dry_run(live().campaign_id, BASE, 2, None, Asked(None, LATER))

    advance_dry_runs()

    broken_run.refresh_from_db()
    sound.refresh_from_db()
    assert (broken_run.state, sound.state) == (RunState.FAILED, RunState.DONE)
    assert broken_run.error


@pytest.mark.django_db(transaction=True)
def test_a_slice_that_takes_too_long_ends_its_run(
    rivals: Rivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLICE_TIMEOUT_MS", 100)
    ApplicationFactory.create()
    run = request_dry_run(live().campaign_id, BASE, ALL_DAYS, None, ASKED)
    assert advance_run(run.pk, NOW)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('LOCK TABLE "tm$applications" IN ACCESS EXCLUSIVE MODE')

        more = rivals.start(lambda: advance_run(run.pk, NOW)).result(PATIENCE_SECONDS)

    run.refresh_from_db()
    assert (more, run.state) == (False, RunState.FAILED)


def test_two_settings_and_fifty_applications_take_as_many_queries_as_one() -> None:
    cascade = live(**with_order("COMMUNICATION_HISTORY", "PHONE_BLACK_LIST", quiet_days=7))
    order = with_order("PHONE_BLACK_LIST", "CLIENT_DATA", "ML_FACE")
    order["casper-conditions"] = [{"field": "a", "in": ["b"]}]
    queries = []

    for count in (1, 49):
        ApplicationFactory.create_batch(count)
        run = request_dry_run(cascade.campaign_id, {**BASE, **order}, ALL_DAYS, None, ASKED)
        assert advance_run(run.pk, NOW)  # finds the range of ids, by halving
        with CaptureQueriesContext(connection) as captured:
            advance_run(run.pk, NOW)
        queries.append(len(captured))

    assert queries[0] == queries[1]


# --- what services answered before ---------------------------------------------------------------
SERVICES = ("PHONE_BLACK_LIST", "ML_FACE", "CLIENT_DATA", "AVAILABLE_PRODUCTS")
CONDITIONS = [{"field": "loans.status", "in": ["nowhere"]}]


def test_answers_that_services_gave_before_are_used(services: Simulators) -> None:
    """The application became a task: all that services said of it is kept."""
    order = with_order(*SERVICES, casper_conditions=CONDITIONS)
    cascade = live(**order)
    application = ApplicationFactory.create(**person_behind("79139000001"))
    judge_fully(batch_of(application).pk, NOW)
    assert CampaignTask.objects.get().client_info["abram"]["products"]

    same = compared(cascade, order)
    other = compared(cascade, {**order, "products": ["no such product"]})

    unkept = [{"field": "scores.activity", "below": 0.1}]
    asks_more = compared(cascade, {**order, "casper-conditions": unkept})
    asks_other = compared(
        cascade, {**order, "casper-conditions": [{"field": "citizenship", "not-in": ["XYZ"]}]}
    )

    assert (same.changed.passed, same.changed.unsure, same.changed.lacking) == (1, 0, {})
    assert other.changed.stopped == {"AVAILABLE_PRODUCTS": 1}
    assert other.changed.lacking == {}
    assert asks_more.changed.lacking == {"CLIENT_DATA": 1}
    assert asks_other.changed.stopped == {"CLIENT_DATA": 1}


def test_answers_that_nobody_gave_are_counted(services: Simulators) -> None:
    cascade = live(**with_order("PHONE_BLACK_LIST"))
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    ApplicationFactory.create()  # not judged yet

    result = compared(cascade, with_order("PHONE_BLACK_LIST", "ML_FACE"))

    assert (result.changed.passed, result.changed.unsure) == (2, 2)
    assert result.changed.lacking == {"PHONE_BLACK_LIST": 1, "ML_FACE": 2}
    assert result.live.lacking == {"PHONE_BLACK_LIST": 1}


@pytest.mark.parametrize(
    ("rule", "reason", "skip", "stopped", "unsure"),
    [
        ("ML_FACE", "проверка не пройдена", False, 1, 0),
        ("ML_FACE", "сервис недоступен: abram", False, 0, 1),
        ("ML_PHONE", "проверка не пройдена", False, 0, 0),  # ML_FACE was passed before
        ("ML_FACE", "проверка не пройдена", True, 1, 0),
    ],
)
def test_what_a_filter_said_before_follows_from_the_verdict(
    rule: str, reason: str, skip: bool, stopped: int, unsure: int
) -> None:
    cascade = live(**with_order("ML_FACE", "ML_PHONE"))
    Verdict.objects.create(
        application=ApplicationFactory.create(),
        campaign_id=cascade.campaign_id,
        state="STOPPED",
        rule=rule,
        reason=reason,
        settings_version=1,
    )

    result = compared(cascade, with_order("ML_FACE", ml_skip_error=skip))

    assert (result.changed.stopped["ML_FACE"], result.changed.unsure) == (stopped, unsure)


# --- the day it is asked for ----------------------------------------------------------------------
def test_calls_and_age_are_those_of_the_day_that_is_asked_for() -> None:
    """Called on the 18th, refused on the 19th, 18 years old on the 20th."""
    application = ApplicationFactory.create(birth_date=date(2008, 11, 20), phone="79131234567")
    stored(application, NOW - timedelta(days=9))
    CommunicationFactory.create(
        phone=application.phone,
        started_at=NOW - timedelta(days=2),
        ended_at=NOW - timedelta(days=2),
        state="FIXED",
        disposition=DispositionFactory.create(meaning="REFUSED", block_minutes=60),
        fixed_at=NOW - timedelta(days=1),
    )
    cascade = live()
    order = with_order("COMMUNICATION_HISTORY", "AGE", quiet_days=1, min_age=18)

    def reason(day: int) -> str:
        result = compared(cascade, order, date(2026, 11, day))
        return next(iter(result.changed.stopped), "")

    assert reason(17) == "AGE"
    assert reason(18) == "COMMUNICATION_HISTORY"
    assert reason(21) == "COMMUNICATION_HISTORY"
    only_age = compared(cascade, with_order("AGE", min_age=18), date(2026, 11, 20))
    assert only_age.changed.passed == 1


def test_only_the_applications_of_the_period_are_looked_at() -> None:
    for days in range(5):
        stored(ApplicationFactory.create(), NOW - timedelta(days=4 - days))
    cascade = live()

    run = request_dry_run(cascade.campaign_id, BASE, 2, None, Asked(None, NOW))
    to_its_end(run)

    assert run.result["applications"] == 2  # of one day ago, and of two days ago
