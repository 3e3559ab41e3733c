"""The barrier of one item: what is wrong with one of many touches neither the others nor the
loop.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

# classes of SQLSTATE: connection lost, out of resources, shut down, errors of the system
TROUBLE_OF_THE_DATABASE = ("08", "53", "57P", "58")

Item = TypeVar("Item")


def apply_each(
    items: Sequence[Item],
    apply: Callable[[Sequence[Item]], None],
    reject: Callable[[Item, Exception], None],
) -> None:
    """Apply all items in one transaction. Where that fails, apply each in a small one of its own,
    and give to ``reject`` each item that cannot be applied, with its error.

    Raises only what the loss of the database raises; what is not applied then is tried again.
    """
    if len(items) > 1:
        try:
            with transaction.atomic():
                apply(items)
        except Exception as error:  # noqa: BLE001 - the barrier of the items
            raise_if_database_is_lost(error)
        else:
            return
    for item in items:
        try:
            with transaction.atomic():
                apply([item])
        except Exception as error:  # noqa: BLE001 - the barrier of one item
            raise_if_database_is_lost(error)
            reject(item, error)


def raise_if_database_is_lost(error: Exception) -> None:
    """Raise the error again if no statement could have gone well: then no item is to blame."""
    if isinstance(error, InterfaceError):
        raise error
    if isinstance(error, OperationalError):
        state = getattr(error.__cause__, "sqlstate", None)
        if state is None or state.startswith(TROUBLE_OF_THE_DATABASE):
            raise error
