import logging

import pytest
from django.db import IntegrityError, transaction

from apps.campaigns.states import TaskOutcome
from telemarketing.logs import DiscreetFormatter
from testing.factories.campaigns import TaskFactory


def written(message: str) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, None, None)
    return DiscreetFormatter("{message}", style="{").format(record)


def test_no_phone_reaches_the_log() -> None:
    line = "Key (campaign_id, phone)=(1, 79131234567) exists, +79131234567, 89131234567"

    assert written(line) == "Key (campaign_id, phone)=(1, <phone>) exists, <phone>, <phone>"


@pytest.mark.django_db
def test_the_row_that_the_database_refused_does_not_reach_the_log() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        TaskFactory.create(client_info={"last_name": "Хожаназаров"}, outcome=TaskOutcome.CALLED)

    assert "Хожаназаров" in str(refused.value)
    assert "only_done_tasks_have_an_outcome" in written(str(refused.value))
    assert "Хожаназаров" not in written(str(refused.value))


def test_no_token_reaches_the_log() -> None:
    assert written("Bearer eyJhbGciOi.eyJqdGki.c2ln-_x refused") == "Bearer <token> refused"


def test_other_numbers_stay_as_they_are() -> None:
    assert written("task 7913 of file 123456789012345 took 12 ms") == (
        "task 7913 of file 123456789012345 took 12 ms"
    )
