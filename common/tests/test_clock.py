from datetime import date

import pytest

from common.clock import full_years


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 11, 19), 17), (date(2026, 11, 20), 18), (date(2026, 11, 21), 18)],
)
def test_a_year_is_full_on_the_birthday(today: date, years: int) -> None:
    assert full_years(date(2008, 11, 20), today) == years


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2022, 2, 28), 17), (date(2022, 3, 1), 18), (date(2024, 2, 29), 20)],
)
def test_whoever_was_born_on_29_february_is_older_on_1_march(today: date, years: int) -> None:
    assert full_years(date(2004, 2, 29), today) == years
