"""What services are told of a client."""

from datetime import date
from decimal import Decimal

from apps.filters.judging.service_calls import features
from testing.factories.filters import facts


def test_abram_is_told_the_amount_in_rubles_and_dates_as_iso_text() -> None:
    known = features(facts(desired_amount=Decimal("10000.50"), birth_date=date(1995, 5, 12)))

    assert (known["desired_amount"], known["birth_date"]) == (10000.5, "1995-05-12")


def test_abram_is_told_nothing_that_is_not_known() -> None:
    known = features(facts(desired_amount=None, birth_date=None, device_id="", sex=""))

    assert not {"desired_amount", "birth_date", "device_id", "sex"} & known.keys()
