"""What may stand in the form of a result."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from django.utils.translation import gettext as _

from apps.campaigns.models import Disposition, DispositionReason
from apps.campaigns.types import InvalidResultError, Meaning
from common.clock import moscow_minute

COMMENT_LENGTH = 2_048  # of the contract
CALLBACK_WITHIN = timedelta(days=60)

Errors = dict[str, list[str]]


class FilledIn(Protocol):
    """The fields of a result, whoever filled them in."""

    @property
    def reason(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def callback_at(self) -> datetime | None: ...


def details_of(form: FilledIn) -> dict[str, str]:
    """The fields as ``Communication.result_details`` keeps them."""
    details = {"reason": form.reason, "result": form.result, "comment": form.comment}
    if form.callback_at is not None:
        details["callback_at"] = form.callback_at.isoformat()
    return details


def comment_errors(form: FilledIn) -> Errors:
    """What is wrong with the comment; empty: nothing."""
    if len(form.comment) <= COMMENT_LENGTH:
        return {}
    rule = _("At most %(length)d characters are allowed.") % {"length": COMMENT_LENGTH}
    return {"comment": [rule]}


def valid_disposition(
    form: FilledIn, campaign_id: int, now: datetime, saved: Mapping[str, str] | None = None
) -> Disposition:
    """The disposition that the form names.

    Raises InvalidResultError. ``saved`` is what a correction replaces: a value that it keeps is
    right, also where the campaign offers it no longer, or the time for the callback has come.
    """
    before = saved or {}
    dispositions = Disposition.objects.filter(campaign_id=campaign_id, result=form.result)
    if form.result != before.get("result"):
        dispositions = dispositions.filter(active=True)
    disposition = dispositions.first()
    errors = comment_errors(form)
    if disposition is None:
        errors["result"] = [_("Choose a result from the campaign's list.")]
    if form.reason != before.get("reason"):
        errors |= _reason_errors(form.reason, campaign_id)
    promised_already = details_of(form).get("callback_at") == before.get("callback_at", "")
    if disposition and disposition.meaning == Meaning.CALLBACK and not promised_already:
        errors |= _callback_errors(form.callback_at, now)
    if errors or disposition is None:
        raise InvalidResultError(errors)
    return disposition


def _reason_errors(reason: str, campaign_id: int) -> Errors:
    reasons = DispositionReason.objects.filter(campaign_id=campaign_id, active=True)
    if not reason or reasons.filter(text=reason).exists():
        return {}
    return {"reason": [_("Choose a reason from the campaign's list.")]}


def _callback_errors(callback_at: datetime | None, now: datetime) -> Errors:
    if callback_at is None:
        return {"callbackTime": [_("This result needs the time at which to call back.")]}
    if not now < callback_at <= now + CALLBACK_WITHIN:
        limits = {"from": moscow_minute(now), "till": moscow_minute(now + CALLBACK_WITHIN)}
        message = _("The time must lie between %(from)s and %(till)s, Moscow time.") % limits
        return {"callbackTime": [message]}
    return {}
