"""Who reads: a senior operator, an administrator, or a service of the company with such a token."""

from dataclasses import dataclass

from django.http import HttpRequest

from apps.security import selectors as security_selectors
from apps.security import services as security
from apps.security.types import Role, Visitor

READERS = (Role.SENIOR_OPERATOR, Role.ADMINISTRATOR)


class ReadingForbiddenError(Exception):
    """The token is live, but its operator's role may not read."""


@dataclass(frozen=True, slots=True)
class Reader:
    """``sees_contacts``: phones, names and comments of clients in full; else they are masked."""

    visitor: Visitor
    sees_contacts: bool


def reader_of(request: HttpRequest, token: str) -> Reader:
    """The reader whose live token this is; the token's life starts anew. Raises AccessDeniedError
    for a token that is not live, ReadingForbiddenError for a role that may not read."""
    session = security.extend(token)
    if session.role not in READERS:
        raise ReadingForbiddenError
    operator_id = session.operator_id
    visitor = security_selectors.visitor_of(request, operator_id)
    return Reader(visitor, sees_contacts=security_selectors.sees_contacts(operator_id))
