"""Of two snapshots of an application the one that changed later counts, in whatever order they
come, whatever the cascade says of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.service_lane import ask_services_for_a_while
from apps.filters.models import Application, Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

FROM_18: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["AGE"],
    "min-age": 18,
}
CHANGED = datetime.fromisoformat("2026-11-19T09:00:00+00:00")
LATER = CHANGED + timedelta(hours=1)
MINOR = {"birth_date": datetime(2015, 1, 1).date()}  # noqa: DTZ001 - only its date counts
OUTDATED = ("STOPPED", "OUTDATED", "есть более новая версия этой заявки")


def snapshot(**fields: Any) -> Application:
    known = {"application_number": "34000001", "phone": "79130000001", "changed_at": CHANGED}
    application: Application = ApplicationFactory.create(**{**known, **fields})
    return application


def judge(*applications: Application) -> None:
    judge_batch(batch_of(*applications).pk, NOW)


def verdict(application: Application) -> tuple[str, str, str]:
    row = Verdict.objects.get(application=application)
    return row.state, row.rule, row.reason


def tasks() -> list[tuple[str, str | None]]:
    rows = CampaignTask.objects.order_by("pk")
    return list(rows.values_list("task_state", "outcome"))


def test_an_older_snapshot_that_comes_later_is_outdated_and_supersedes_nothing() -> None:
    CascadeFactory.create_batch(2, settings=FROM_18)
    judge(snapshot(changed_at=LATER))

    older = snapshot(file_id=2)
    judge(older)

    found = Verdict.objects.filter(application=older).values_list("state", "rule", "reason")
    assert list(found) == [OUTDATED, OUTDATED]
    assert tasks() == [("NEW", None), ("NEW", None)]
    rows = Decision.objects.filter(source_key=f"application:{older.pk}")
    assert [(row.rule, row.verdict) for row in rows] == [("OUTDATED", "STOPPED")] * 2


def test_of_two_snapshots_in_one_file_only_the_newer_is_judged_in_either_order() -> None:
    CascadeFactory.create(settings=FROM_18)
    newer, older = snapshot(changed_at=LATER), snapshot()

    judge(newer, older)

    assert verdict(older) == OUTDATED
    assert verdict(newer)[0] == "PASSED"
    assert tasks() == [("NEW", None)]


def test_of_two_that_changed_in_the_same_moment_the_later_one_counts() -> None:
    CascadeFactory.create(settings=FROM_18)
    judge(snapshot())

    judge(snapshot(loan_status="canceled", loan_changed_at=LATER, **MINOR))

    assert tasks() == [("DONE", "WITHDRAWN")]


def test_a_newer_snapshot_that_is_stopped_withdraws_the_earlier_ones_task() -> None:
    cascade = CascadeFactory.create(settings=FROM_18)
    first = snapshot()
    judge(first)

    judge(snapshot(changed_at=LATER, **MINOR))

    assert tasks() == [("DONE", "WITHDRAWN")]
    row = Decision.objects.get(step="ENGINE")
    assert (row.source_key, row.campaign_id) == (f"application:{first.pk}", cascade.campaign_id)
    assert row.reason.startswith("более новая версия заявки остановлена: AGE, ")


def test_a_newer_snapshot_with_another_phone_withdraws_the_earlier_ones_task() -> None:
    CascadeFactory.create(settings=FROM_18)
    judge(snapshot())

    judge(snapshot(changed_at=LATER, phone="79130000002"))

    assert tasks() == [("DONE", "WITHDRAWN"), ("NEW", None)]
    reason = "в более новой версии заявки другой телефон"
    assert Decision.objects.get(step="ENGINE").reason == reason


def test_an_application_of_another_stream_or_number_is_left_alone() -> None:
    CascadeFactory.create(settings={**FROM_18, "data-streams": ["MOBILE_LOANS", "POS_REJECT"]})
    judge(snapshot())

    judge(snapshot(application_number="34000002", changed_at=LATER, **MINOR))
    judge(snapshot(stream="POS_REJECT", changed_at=LATER, **MINOR))

    assert tasks() == [("NEW", None)]


def test_a_snapshot_that_waits_for_a_service_is_outdated_by_a_newer_one(
    services: Simulators,
) -> None:
    """It was handed over; then a newer one came and was stopped by our own filters."""
    CascadeFactory.create(settings={**FROM_18, "filters-order": ["AGE", "PHONE_BLACK_LIST"]})
    older = snapshot()
    judge(older)
    judge(snapshot(changed_at=LATER, **MINOR))

    ask_services_for_a_while(lambda: NOW)

    assert verdict(older) == OUTDATED
    assert tasks() == []


def test_a_newer_snapshot_that_comes_while_services_are_asked_outdates_the_older(
    services: Simulators,
) -> None:
    """The older one is in the hands of the services when the newer is stored and stopped."""
    CascadeFactory.create(settings={**FROM_18, "filters-order": ["AGE", "PHONE_BLACK_LIST"]})
    older = snapshot()
    judge(older)
    moments = iter([NOW, NOW, NOW])

    def clock() -> datetime:
        if next(moments, None) is None and not Application.objects.filter(changed_at=LATER):
            judge(snapshot(changed_at=LATER, **MINOR))
        return NOW

    ask_services_for_a_while(clock)

    assert verdict(older) == OUTDATED
    assert tasks() == []
