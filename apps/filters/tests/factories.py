"""Campaigns with cascades, applications and batches, as the tests need them."""

from datetime import UTC, date, datetime
from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.campaigns.models import Campaign
from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.models import Application, Cascade, JudgementBatch

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = Sequence(lambda n: f"Кампания {n}")
    active = True


class CascadeFactory(DjangoModelFactory[Cascade]):
    class Meta:
        model = Cascade

    campaign = SubFactory(CampaignFactory)
    settings = LazyFunction(lambda: {"data-streams": ["MOBILE_LOANS"], "filters-order": []})


class ApplicationFactory(DjangoModelFactory[Application]):
    """An application that every filter lets through, if its service does."""

    class Meta:
        model = Application

    stream = "MOBILE_LOANS"
    file_id = 1
    line_number = Sequence(lambda n: n + 2)
    application_number = Sequence(lambda n: str(34_000_000 + n))
    created_at = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    changed_at = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    application_status = "registered"
    client_type = "pioneer"
    phone = Sequence(lambda n: f"79{n:09d}")
    citizenship = "KGZ"
    birth_date = date(1995, 5, 12)
    first_name = "Айбек"
    last_name = "Асанов"
    sex = "M"
    device_os = "ANDROID"
    device_id = Sequence(lambda n: f"device-{n}")
    face_id = Sequence(lambda n: f"face-{n}")
    document_series = "AN"
    document_number = Sequence(lambda n: f"{n:07d}")
    desired_amount = 30_000
    product_type = "express"
    term = 1
    term_unit = "month"
    grace = 7
    grace_unit = "day"


def batch_of(*applications: Application) -> JudgementBatch:
    """A batch of these applications, which were made in one go."""
    ids = [application.pk for application in applications]
    return JudgementBatch.objects.create(file_id=1, first_id=min(ids), last_id=max(ids))


def facts(**changes: Any) -> ApplicationFacts:
    """ApplicationFacts of an application that was never stored."""
    application = ApplicationFactory.build(id=1, **changes)
    return ApplicationFacts._make(getattr(application, column) for column in COLUMNS)
