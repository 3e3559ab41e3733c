"""What others may ask about operators, their roles and their tokens."""

from apps.security.access_log.checking import check_access_log, unsealed_records
from apps.security.listing import list_operators, sees_contacts
from apps.security.operators import full_names
from apps.security.permissions import roles_given_by
from apps.security.second_factor import second_factor_is_due, second_factor_of
from apps.security.sessions import lifetime as token_lifetime
from apps.security.sessions import (
    live_token_counts,
    session_and_value,
    session_of,
    signed_in_operator_ids,
    warm_keys,
    warm_session,
)
from apps.security.throttling import client_address, is_shut_out, visitor_of

__all__ = [
    "check_access_log",
    "client_address",
    "full_names",
    "is_shut_out",
    "list_operators",
    "live_token_counts",
    "roles_given_by",
    "second_factor_is_due",
    "second_factor_of",
    "sees_contacts",
    "session_and_value",
    "session_of",
    "signed_in_operator_ids",
    "token_lifetime",
    "unsealed_records",
    "visitor_of",
    "warm_keys",
    "warm_session",
]
