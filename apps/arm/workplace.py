"""The operator at the workplace: signing in and out, and taking calls or having a break."""

from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest

from apps.arm.changes import invalidate, refresh
from apps.arm.ports import operator_sessions
from apps.arm.types import SignedIn
from apps.security import selectors as security_selectors
from apps.security import services as security
from apps.security.types import Visitor


def log_in(request: HttpRequest, login: str, password: str, *, take_over: bool = False) -> SignedIn:
    """A token for the workplace, and the operator's session in telephony [source 2.6.6.1]. With
    ``take_over`` the operator is logged out at all other places: their pages learn it with their
    next question.

    Raises what ``security.services.log_in`` raises; then no session is opened. A log-out of the
    same operator at this moment, from another place, comes before or after.
    """
    issued = security.log_in(request, login, password)
    with transaction.atomic():
        security.select_for_update([issued.operator_id])
        if take_over:
            visitor = security_selectors.visitor_of(request, issued.operator_id)
            security.end_other_tokens(visitor, issued.token)
        operator_sessions().open_session(issued.operator_id)
        invalidate(issued.operator_id)
    return SignedIn(
        token=issued.token,
        first_name=issued.first_name,
        last_name=issued.last_name,
        other_places=_other_places(issued.operator_id),
    )


@transaction.atomic
def take_over(visitor: Visitor, token: str) -> None:
    """Log the operator out at every place but the one with this token, which must be live. A log-in
    or a take-over of the same operator at this moment comes before or after; of two places that
    take over together one is left, and the other raises AccessDeniedError."""
    security.select_for_update([visitor.operator_id])
    security_selectors.session_of(token)
    security.end_other_tokens(visitor, token)
    invalidate(visitor.operator_id)


@transaction.atomic
def log_out(token: str, address: str | None = None) -> None:
    """End the token, and the session in telephony when it was the operator's last token
    [source 2.6.6.2]. A token that is not live changes nothing: logging out twice is right too."""
    operator_id = security.log_out(token, address)
    if operator_id is None:
        return
    if operator_id not in security_selectors.signed_in_operator_ids():
        operator_sessions().close_session(operator_id)
    invalidate(operator_id)


def change_own_password(request: HttpRequest, login: str, old: str, new: str) -> None:
    """Replace the operator's password; every token ends. Raises what
    ``security.services.change_own_password`` raises."""
    security.change_own_password(request, login, old, new)


def operator_of(token: str) -> int:
    """The operator whose live token this is; the token's life starts anew. Raises
    AccessDeniedError."""
    return security.extend(token).operator_id


def set_presence(operator_id: int, *, ready: bool) -> None:
    """The operator takes calls, or has a break."""
    operator_sessions().set_presence(operator_id, ready)
    invalidate(operator_id)


def presence_changed(operator_ids: Iterable[int]) -> None:
    """What these operators are doing changed in telephony: their pages learn it. Takes effect after
    the caller's commit."""
    refresh(*operator_ids)


def _other_places(operator_id: int) -> int:
    return security_selectors.live_token_counts([operator_id]).get(operator_id, 1) - 1
