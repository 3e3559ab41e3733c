"""One preparer claims a card: services are asked once, and the ledger gets one row."""

import os
import signal
import subprocess
import sys
from threading import Event

import pytest
from django.db import connection

from apps.arm import services
from apps.arm.models import ClientCard
from apps.arm.types import ClientRecord, PersonAttribute, PersonCheck, PersonStatus
from apps.campaigns.models import Communication, Decision
from common import clock
from common.locks import LockSpace, held_keys
from testing.factories.campaigns import CommunicationFactory, TaskFactory
from testing.fakes import FakeRecords
from testing.interleaving import Interleaving
from testing.rivals import PATIENCE_SECONDS, Rivals
from testing.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

SOMEBODY_ELSE = ClientRecord(
    person_check=PersonCheck(PersonStatus.DIFFERENT, (PersonAttribute.NAME,))
)
# prepares a card, and hangs while it asks
DOOMED = """
import sys, time
import django
django.setup()
from django.conf import settings
from apps.arm import services
from common import clock
class Hanging:
    def record_of(self, *_):
        time.sleep(600)
settings.ARM_CLIENT_RECORDS = "__main__.Hanging"
services.prepare_cards([int(sys.argv[1])], clock.now())
"""


def talk() -> Communication:
    return CommunicationFactory.create(campaign_task=TaskFactory.create(handed_over=True))


def test_a_second_preparer_finds_the_card_claimed(records: FakeRecords, rivals: Rivals) -> None:
    communication = talk()
    asking, answered = Event(), Event()

    def ask() -> None:
        asking.set()
        answered.wait(PATIENCE_SECONDS)

    records.while_asking = ask
    first = rivals.start(lambda: services.prepare_cards([communication.pk], clock.now()))
    asking.wait(PATIENCE_SECONDS)

    services.prepare_cards([communication.pk], clock.now())
    services.prepare_missing_cards(clock.now())

    assert (records.asked, ClientCard.objects.count()) == (1, 0)
    answered.set()
    first.result(PATIENCE_SECONDS)
    assert (records.asked, ClientCard.objects.count()) == (1, 1)


def test_two_preparers_write_one_row_of_the_ledger(
    records: FakeRecords, interleaving: Interleaving
) -> None:
    records.record = SOMEBODY_ELSE
    meetings = 0
    for after in range(1, 8):
        communication = talk()

        def prepare(pk: int = communication.pk) -> None:
            services.prepare_cards([pk], clock.now())

        meetings += interleaving.halted(prepare, prepare, after)

        assert ClientCard.objects.filter(communication=communication).count() == 1
        assert Decision.objects.filter(phone=communication.phone).count() == 1
    assert meetings > 1


def test_the_claim_of_a_killed_preparer_is_free(records: FakeRecords) -> None:
    communication = talk()
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "DJANGO_SETTINGS_MODULE": "telemarketing.settings",
    }
    doomed = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", DOOMED, str(communication.pk)], env=environment
    )
    try:
        until(lambda: held_keys(LockSpace.CLIENT_CARD) == {communication.pk}, "the card is claimed")
        services.prepare_cards([communication.pk], clock.now())
        assert not ClientCard.objects.exists()
    finally:
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    until(lambda: not held_keys(LockSpace.CLIENT_CARD), "the claim is free")

    assert services.prepare_missing_cards(clock.now()) == 1

    assert ClientCard.objects.filter(communication=communication).exists()
