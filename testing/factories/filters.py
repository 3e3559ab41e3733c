"""Cascades, applications and the batches in which applications are judged."""

from datetime import UTC, date, datetime
from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.models import Application, Cascade, JudgementBatch
from simulators.casper.people import make_person
from testing.factories.campaigns import CampaignFactory

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class CascadeFactory(DjangoModelFactory[Cascade]):
    """A cascade without filters, for one data stream."""

    class Meta:
        model = Cascade

    campaign = SubFactory(CampaignFactory)
    settings = LazyFunction(lambda: {"data-streams": ["MOBILE_LOANS"], "filters-order": []})


class ApplicationFactory(DjangoModelFactory[Application]):
    """An application that passes every filter, if the outside services let it."""

    class Meta:
        model = Application

    stream = "MOBILE_LOANS"
    file_id = 1
    line_number = Sequence(lambda number: number + 2)
    application_number = Sequence(lambda number: str(34_000_000 + number))
    created_at = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    changed_at = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    application_status = "registered"
    client_type = "pioneer"
    phone = Sequence(lambda number: f"79{number:09d}")
    citizenship = "KGZ"
    birth_date = date(1995, 5, 12)
    first_name = "Айбек"
    last_name = "Асанов"
    sex = "M"
    device_os = "ANDROID"
    device_id = Sequence(lambda number: f"device-{number}")
    face_id = Sequence(lambda number: f"face-{number}")
    document_series = "AN"
    document_number = Sequence(lambda number: f"{number:07d}")
    desired_amount = 30_000
    product_type = "express"
    term = 1
    term_unit = "month"
    grace = 7
    grace_unit = "day"


def batch_of(*applications: Application) -> JudgementBatch:
    """Make the batch of these applications. Their ids must follow one another."""
    ids = [application.pk for application in applications]
    return JudgementBatch.objects.create(
        file_id=applications[0].file_id,
        stream=applications[0].stream,
        first_id=min(ids),
        last_id=max(ids),
    )


def facts(**changes: Any) -> ApplicationFacts:
    """Return the facts of an application that is not stored."""
    application = ApplicationFactory.build(id=1, **changes)
    return ApplicationFacts._make(getattr(application, column) for column in COLUMNS)


def person_behind(phone: str) -> dict[str, Any]:
    """Columns of an application of the person whom the simulated Casper knows by this phone, as
    files write them: names in capitals."""
    person = make_person(int(phone))
    return {
        "phone": phone,
        "citizenship": person.citizenship,
        "birth_date": person.birth_date,
        "document_series": person.document_series,
        "document_number": person.document_number,
        **{f"{part}_name": (name or "").upper() for part, name in person.name_ru.items()},
    }
