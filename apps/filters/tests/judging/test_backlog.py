"""What waits is counted without a look at every verdict."""

from datetime import timedelta

import pytest

from apps.filters.judging import backlog
from apps.filters.models import Cascade, Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory

pytestmark = pytest.mark.django_db


def wait(cascade: Cascade, service: str, hours: int) -> None:
    verdict = Verdict.objects.create(
        application=ApplicationFactory.create(),
        campaign_id=cascade.campaign_id,
        state="WAITING",
        settings_version=1,
        next_try_at=NOW,
        waits_for=service,
    )
    Verdict.objects.filter(pk=verdict.pk).update(wtime=NOW - timedelta(hours=hours))


def test_waiting_verdicts_are_counted_up_to_a_bound_and_the_oldest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "MOST_COUNTED", 2)
    cascade = CascadeFactory.create()
    for hours in (1, 5, 3):
        wait(cascade, "abram", hours)
    wait(cascade, "", 2)

    found = backlog.backlog().waiting

    assert [(row.service, row.verdicts, NOW - row.oldest_at) for row in found] == [
        ("", 1, timedelta(hours=2)),
        ("abram", 2, timedelta(hours=5)),
    ]
