"""Whoever applies is known as a client once the application is judged."""

import pytest
from django.db import transaction

from apps.filters.judging.batches import judge_batch
from apps.filters.known_clients import (
    add_clients_of,
    clients_of_digits,
    clients_of_name,
    known_client_id,
    name_key,
)
from apps.filters.models import KnownClient
from testing.factories.campaigns import NOON
from testing.factories.filters import ApplicationFactory, batch_of
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db
PHONE = "79131234567"


def test_a_judged_batch_makes_its_clients_known_each_once() -> None:
    one = ApplicationFactory.create(phone=PHONE, last_name="Асанов", first_name="Айбек")
    again = ApplicationFactory.create(phone=PHONE, last_name="АСАНОВ ", first_name=" айбек")
    other = ApplicationFactory.create(phone=PHONE, last_name="Ким", first_name="Вера")

    judge_batch(batch_of(one, again, other).pk, NOON)

    keys = KnownClient.objects.order_by("pk").values_list("phone", "name_key")
    assert sorted(keys) == [(PHONE, "АСАНОВ АЙБЕК"), (PHONE, "КИМ ВЕРА")]


def test_a_client_keeps_the_number_with_every_further_application() -> None:
    first = ApplicationFactory.create(phone=PHONE)
    add_clients_of(batch_of(first))
    number = known_client_id(first)
    second = ApplicationFactory.create(phone=PHONE)
    add_clients_of(batch_of(second))

    assert known_client_id(second) == number is not None


@pytest.mark.parametrize(
    "name", [("Королёв", "Пётр", "Ёжикович"), ("  де  ла Крус ", "", "Х"), ("", "", "")]
)
def test_the_database_and_the_search_compare_names_alike(name: tuple[str, str, str]) -> None:
    last, first, middle = name
    application = ApplicationFactory.create(
        phone=PHONE, last_name=last, first_name=first, middle_name=middle
    )

    add_clients_of(batch_of(application))

    assert KnownClient.objects.get().name_key == name_key(" ".join(name).split())
    assert known_client_id(application) == KnownClient.objects.get().pk


def test_a_name_reads_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.filters.known_clients.MOST_OF_A_NAME", 3)
    people = [ApplicationFactory.create(last_name="Иванов") for _ in range(5)]
    add_clients_of(batch_of(*people))

    assert len(clients_of_name(["Иванов"], limit=10)) == 3


def test_more_than_four_digits_are_compared_too() -> None:
    near = ApplicationFactory.create(phone="79130004567")
    add_clients_of(batch_of(near))

    assert [row.phone for row in clients_of_digits("4567", 10)] == [near.phone]
    assert [row.phone for row in clients_of_digits("0004567", 10)] == [near.phone]
    assert clients_of_digits("1234567", 10) == []


@pytest.mark.django_db(transaction=True)
def test_two_batches_with_one_client_at_once_make_one_row(rivals: Rivals) -> None:
    first, second = (batch_of(ApplicationFactory.create(phone=PHONE)) for _ in range(2))

    with transaction.atomic():
        add_clients_of(first)
        rival = rivals.start(lambda: add_clients_of(second))
        wait_until_a_lock_is_awaited()
    rival.result(PATIENCE_SECONDS)

    assert KnownClient.objects.count() == 1
