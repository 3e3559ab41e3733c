"""What others may ask about operators, their roles and their tokens."""

from apps.security.operators import full_names
from apps.security.permissions import roles_given_by
from apps.security.sessions import session_and_value, session_of, signed_in_operator_ids
from apps.security.throttling import is_shut_out

__all__ = [
    "full_names",
    "is_shut_out",
    "roles_given_by",
    "session_and_value",
    "session_of",
    "signed_in_operator_ids",
]
