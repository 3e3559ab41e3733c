from decimal import Decimal

import pytest

from common.money import kopecks


@pytest.mark.parametrize(
    ("rubles", "expected"),
    [
        (None, None),
        (Decimal(0), 0),
        (Decimal("9000.50"), 900_050),
        (Decimal("0.29"), 29),
        (Decimal("999999999999.99"), 99_999_999_999_999),
    ],
)
def test_rubles_become_whole_kopecks(rubles: Decimal | None, expected: int | None) -> None:
    assert kopecks(rubles) == expected


@pytest.mark.parametrize(
    ("rubles", "expected"),
    [("1.014", 101), ("1.016", 102), ("1.015", 102), ("1.025", 102)],
)
def test_more_than_two_decimals_are_rounded_to_the_nearest_kopeck(
    rubles: str, expected: int
) -> None:
    assert kopecks(Decimal(rubles)) == expected
