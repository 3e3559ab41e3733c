import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings as project
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


def test_django_writes_no_line_past_the_mask_even_while_debug_is_on() -> None:
    script = (
        "import django; django.setup();"
        "from django.test import Client; Client().get('/api/arm/v1/79131239876');"
        "import logging; logging.getLogger('django.server').info('GET /79131239876')"
    )

    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script],
        cwd=project.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "telemarketing.settings",
            "DJANGO_DEBUG": "true",
        },
        check=True,
        capture_output=True,
        text=True,
    )

    written = done.stdout + done.stderr
    assert written.count("Not Found: /api/arm/v1/<phone>") == 1
    assert "79131239876" not in written
