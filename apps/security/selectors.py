"""What others may ask about operators."""

from collections.abc import Iterable

from apps.security.models import Operator, OperatorAuth
from apps.security.types import OperatorName
from common import clock


def signed_in_operator_ids() -> set[int]:
    """The operators with a live token who are not locked."""
    live = OperatorAuth.objects.filter(exp_date__gt=clock.now(), operator__locked=False)
    return set(live.values_list("operator_id", flat=True))


def operator_names(ids: Iterable[int]) -> dict[int, OperatorName]:
    """The names of these operators, in one query; an unknown id is left out."""
    rows = Operator.objects.filter(pk__in=set(ids)).values_list("pk", "first_name", "last_name")
    return {pk: OperatorName(first_name, last_name) for pk, first_name, last_name in rows}
