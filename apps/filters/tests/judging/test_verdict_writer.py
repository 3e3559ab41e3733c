"""Verdicts, ledger rows and campaign tasks of judged applications, written once."""

import pytest

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging.verdict_writer import VerdictCounts
from apps.filters.models import Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_fully

pytestmark = pytest.mark.django_db


def test_an_application_that_passes_becomes_a_task_with_its_verdict_and_ledger_row() -> None:
    cascade = CascadeFactory.create()
    application = ApplicationFactory.create()

    counts = judge_fully(batch_of(application).pk, NOW)

    assert counts == VerdictCounts(passed=1)
    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule, verdict.settings_version) == ("PASSED", "", 1)
    task = CampaignTask.objects.get()
    assert (task.campaign_id, task.phone) == (cascade.campaign_id, application.phone)
    assert task.source_key == f"application:{application.pk}"
    assert task.client_info["application_number"] == application.application_number
    assert task.client_info["desired_amount"] == 3_000_000
    decision = Decision.objects.get()
    assert (decision.step, decision.verdict, decision.settings_version) == ("FILTER", "PASSED", 1)


def test_judging_a_batch_again_writes_nothing_again() -> None:
    CascadeFactory.create()
    batch = batch_of(ApplicationFactory.create())
    judge_fully(batch.pk, NOW)
    batch.judged_at = None
    batch.save()

    counts = judge_fully(batch.pk, NOW)

    assert counts == VerdictCounts()
    assert Verdict.objects.count() == CampaignTask.objects.count() == Decision.objects.count() == 1


def test_an_application_that_no_campaign_takes_is_accounted_for() -> None:
    CascadeFactory.create()
    batch = batch_of(ApplicationFactory.create(stream="POS_REJECT"))

    judge_fully(batch.pk, NOW)

    decision = Decision.objects.get()
    assert (decision.rule, decision.verdict) == ("NO_CAMPAIGN", "STOPPED")
    assert not Verdict.objects.exists()


def test_an_application_may_become_a_candidate_of_several_campaigns() -> None:
    CascadeFactory.create_batch(2)

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert CampaignTask.objects.count() == 2


def test_a_later_version_of_the_settings_is_named_by_its_verdicts() -> None:
    cascade = CascadeFactory.create()
    set_cascade(cascade.campaign_id, {**cascade.settings, "min-age": 18}, author_id=None)

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().settings_version == 2
    assert Decision.objects.get().settings_version == 2
