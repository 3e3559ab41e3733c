"""The operators as others may list them, and who sees the contacts of clients."""

from django.db.models import QuerySet

from apps.security.models import Operator
from apps.security.types import Role


def list_operators() -> QuerySet[Operator]:
    """All operators, for the caller to filter, order and cut. Without passwords."""
    return Operator.objects.only("wtime", "login", "first_name", "last_name", "role", "locked")


def sees_contacts(operator_id: int) -> bool:
    """True if this operator may read phones, names and comments of clients in lists: an
    administrator, or one who was given the right."""
    found = Operator.objects.filter(pk=operator_id).values_list("role", "contacts_visible").first()
    return found is not None and (found[0] == Role.ADMINISTRATOR or found[1])
