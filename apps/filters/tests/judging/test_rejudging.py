"""Judging again: for one campaign, after a trial, without losing what was decided before."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging import runs
from apps.filters.judging.dry_run import Comparison
from apps.filters.judging.old_runs import forget_old_runs
from apps.filters.judging.runs import (
    SETTINGS_CHANGED,
    Asked,
    advance_run,
    cancel_run,
    request_rejudge,
    request_rejudge_trial,
)
from apps.filters.judging.waiting import queues
from apps.filters.models import Application, Cascade, DryRun, Verdict
from apps.filters.states import RunState
from common.clock import moscow_today
from testing.factories.campaigns import CampaignFactory
from testing.factories.filters import NOW, ApplicationFactory, batch_of
from testing.judging import judge_due, judge_fully
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

STRICT: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["RESIDENCE"],
    "citizenship-unavailable-countries": ["BLR"],
}
LENIENT = {**STRICT, "citizenship-unavailable-countries": ["UKR"]}


def asked() -> Asked:
    return Asked(author_id=None, at=timezone.now() + timedelta(minutes=1))


def new_cascade(settings: dict[str, Any]) -> Cascade:
    return set_cascade(CampaignFactory.create().pk, settings, author_id=None)


def changed(cascade: Cascade, settings: dict[str, Any]) -> Cascade:
    return set_cascade(cascade.campaign_id, settings, author_id=None)


def to_its_end(run: DryRun | None) -> DryRun:
    assert run is not None
    while advance_run(run.pk, timezone.now()):
        pass
    run.refresh_from_db()
    return run


def trial_of(cascade: Cascade) -> DryRun:
    """A finished trial over what was stored today."""
    today = moscow_today(timezone.now())
    cascade.refresh_from_db()
    yesterday = today - timedelta(days=1)
    return to_its_end(request_rejudge_trial(cascade, yesterday, today, asked()))


def judge_what_waits() -> None:
    judge_due(timezone.now() + timedelta(minutes=1))


def test_a_stopped_application_becomes_a_task_and_the_ledger_keeps_both_decisions() -> None:
    cascade = new_cascade(STRICT)
    application = ApplicationFactory.create(citizenship="BLR")
    judge_fully(batch_of(application).pk, timezone.now())
    cascade = changed(cascade, LENIENT)

    trial = trial_of(cascade)
    run = to_its_end(request_rejudge(trial, asked()))
    judge_what_waits()

    assert Comparison.of_json(trial.result).live.stopped == {"RESIDENCE": 1}
    assert Comparison.of_json(trial.result).gained == 1
    assert (run.state, run.result) == (RunState.DONE, {"reopened": 1})
    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.settings_version) == ("PASSED", 2)
    assert CampaignTask.objects.get().source_key == f"application:{application.pk}"
    ledger = [(row.rule, row.verdict) for row in Decision.objects.order_by("pk")]
    assert ledger == [
        ("RESIDENCE", "STOPPED"),
        ("REJUDGE", "WAITING"),
        ("RESIDENCE", "PASSED"),
        ("CASCADE", "PASSED"),
    ]


def test_slices_of_opened_verdicts_fall_due_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "SLICE_IDS", 2)
    # the range of a run begins behind what was stored long before its days
    ApplicationFactory.create()
    Application.objects.update(wtime=timezone.now() - timedelta(days=30))
    cascade = new_cascade(STRICT)
    judge_fully(batch_of(*ApplicationFactory.create_batch(5, citizenship="BLR")).pk, NOW)
    run = request_rejudge(trial_of(changed(cascade, LENIENT)), asked())
    assert run

    while advance_run(run.pk, NOW):
        pass

    run.refresh_from_db()
    assert run.first_id > 0
    dues = dict(Verdict.objects.values_list("application_id", "next_try_at"))
    slices = {pk: (pk - run.first_id - 1) // 2 for pk in dues}  # the range begins at this id
    assert len(set(slices.values())) == 3  # five applications, in pairs
    assert dues == {pk: NOW + timedelta(seconds=3 * number) for pk, number in slices.items()}


def test_an_application_that_came_before_its_campaign_is_judged_for_that_campaign_alone() -> None:
    other = new_cascade({**STRICT, "data-streams": ["POS_REJECT"]})
    judge_fully(batch_of(ApplicationFactory.create()).pk, timezone.now())
    cascade = new_cascade(STRICT)

    to_its_end(request_rejudge(trial_of(cascade), asked()))
    judge_what_waits()

    assert Verdict.objects.get().campaign_id == cascade.campaign_id != other.campaign_id
    assert CampaignTask.objects.get().campaign_id == cascade.campaign_id


def test_a_trial_changes_nothing() -> None:
    new = new_cascade(STRICT)
    ApplicationFactory.create(citizenship="BLR")
    ApplicationFactory.create()

    result = Comparison.of_json(trial_of(new).result)

    assert (result.applications, result.gained, result.changed.stopped) == (2, 1, {"RESIDENCE": 1})
    assert not Verdict.objects.exists()
    assert not Decision.objects.exists()


def test_what_passed_or_was_stopped_by_the_live_settings_is_left_alone() -> None:
    cascade = new_cascade(STRICT)
    batch = batch_of(ApplicationFactory.create(), ApplicationFactory.create(citizenship="BLR"))
    judge_fully(batch.pk, timezone.now())

    run = to_its_end(request_rejudge(trial_of(cascade), asked()))

    assert run.result == {"reopened": 0}
    assert set(Verdict.objects.values_list("state", flat=True)) == {"PASSED", "STOPPED"}


def test_of_the_snapshots_of_an_application_only_the_latest_is_judged_again() -> None:
    early = ApplicationFactory.create()
    late = ApplicationFactory.create(
        application_number=early.application_number,
        changed_at=early.changed_at + timedelta(hours=1),
    )
    cascade = new_cascade(STRICT)

    to_its_end(request_rejudge(trial_of(cascade), asked()))

    assert Verdict.objects.get().application_id == late.pk


def test_a_trial_is_followed_once_and_only_while_its_settings_are_live() -> None:
    ApplicationFactory.create()
    cascade = new_cascade(STRICT)
    trial, outdated = trial_of(cascade), trial_of(cascade)

    first, second = request_rejudge(trial, asked()), request_rejudge(trial, asked())
    changed(cascade, LENIENT)

    assert first == second
    assert request_rejudge(outdated, asked()) is None
    assert to_its_end(first).error == SETTINGS_CHANGED
    assert not Verdict.objects.exists()


def test_a_trial_that_was_cancelled_cannot_be_followed() -> None:
    cascade = new_cascade(STRICT)
    today = moscow_today(timezone.now())
    trial = request_rejudge_trial(cascade, today, today, asked())
    cancel_run(trial.pk, timezone.now())
    trial.refresh_from_db()

    assert request_rejudge(trial, asked()) is None


def test_services_are_waited_for_anew(services: Simulators) -> None:
    """The application is older than the patience; a dead service must not stop it at once."""
    cascade = new_cascade(STRICT)
    application = ApplicationFactory.create(citizenship="BLR")
    judge_fully(batch_of(application).pk, timezone.now())
    Verdict.objects.update(wtime=timezone.now() - timedelta(days=30))
    changed(cascade, {**LENIENT, "filters-order": ["PHONE_BLACK_LIST"]})
    services.put_faults("blacklist", error_rate=1, error_status=500)

    to_its_end(request_rejudge(trial_of(cascade), asked()))
    judge_what_waits()

    assert Verdict.objects.get().state == "WAITING"


def test_opened_verdicts_wait_in_the_queue_of_their_own_stream() -> None:
    streams = ["MOBILE_LOANS", "POS_REJECT"]
    cascade = new_cascade({**STRICT, "data-streams": streams})
    for stream in streams:
        application = ApplicationFactory.create(stream=stream, citizenship="BLR")
        judge_fully(batch_of(application).pk, timezone.now())
    cascade = changed(cascade, {**LENIENT, "data-streams": streams})

    to_its_end(request_rejudge(trial_of(cascade), asked()))

    assert {queue.stream for queue in queues()} == set(streams)


def test_old_runs_are_deleted_and_a_trial_stays_as_long_as_its_judging_again(
    settings: Settings,
) -> None:
    settings.DRY_RUN_DAYS = 90
    cascade = new_cascade(STRICT)
    judge_fully(batch_of(ApplicationFactory.create(citizenship="BLR")).pk, timezone.now())
    trial = trial_of(changed(cascade, LENIENT))
    run = to_its_end(request_rejudge(trial, asked()))
    today = moscow_today(timezone.now())
    waiting = request_rejudge_trial(cascade, today, today, asked())
    assert run.finished_at
    DryRun.objects.filter(pk=trial.pk).update(finished_at=run.finished_at - timedelta(days=30))

    kept = forget_old_runs(run.finished_at + timedelta(days=89))
    deleted = forget_old_runs(run.finished_at + timedelta(days=91))

    assert (kept, deleted) == (0, 2)
    assert list(DryRun.objects.all()) == [waiting]
