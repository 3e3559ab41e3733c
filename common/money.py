"""Amounts of money. Columns and outside services speak of rubles, the ARM API of kopecks."""

from decimal import Decimal


def kopecks(rubles: Decimal | None) -> int | None:
    """The amount in whole kopecks; None stays None.

    Rubles are expected with at most two decimals, as our columns have them. A longer fraction is
    rounded to the nearest kopeck; half a kopeck goes to the even one.
    """
    return None if rubles is None else round(rubles * 100)
