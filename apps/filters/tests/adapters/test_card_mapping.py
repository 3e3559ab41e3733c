"""The parts of the client card, read from answers of Casper and Abram."""

from datetime import UTC, datetime

import pytest

from apps.arm.types import DictionaryItem
from apps.filters.adapters import card_mapping
from apps.filters.tests.answers import DEAL


def test_amounts_are_kopecks_rates_hundredths_and_words_russian() -> None:
    (loan,) = card_mapping.products({"loans": [DEAL]}, None)

    assert (loan.requested_amount, loan.approved_amount) == (12_000_000, 10_000_050)
    assert loan.interest_rate == 80
    assert loan.status == DictionaryItem("received", "Деньги получены")
    assert loan.term_unit == DictionaryItem("day", "дн.")
    assert loan.started_at == datetime(2026, 10, 1, 10, tzinfo=UTC)
    assert loan.documents[0].errors[0].advice == "Дождитесь фокуса"


@pytest.mark.parametrize("nonsense", [None, "", [], [{}], [{"started_at": "yesterday"}], "x"])
def test_deals_that_cannot_be_read_are_left_out(nonsense: object) -> None:
    assert card_mapping.products({"loans": nonsense, "applications": nonsense}, None) == ()
