"""Operators' accounts in MightyCall, as the back office edits them."""

from collections.abc import Collection

from django.db import transaction

from apps.campaigns.services import handled
from apps.campaigns.types import AttentionKind
from apps.telephony.models import MightyCallOperator
from apps.telephony.sessions.operator_sessions import publish_presence, restart_sessions


@transaction.atomic
def save_account(account: MightyCallOperator, new_password: str = "") -> None:
    """Save an operator's MightyCall account. An empty ``new_password`` keeps the present one.

    Another login is another extension in MightyCall: its events are read from the oldest on, the
    session of the old extension is closed, and an operator who is on line gets a session of the
    new one.
    """
    if new_password:
        account.set_password(new_password)
    before = MightyCallOperator.objects.select_for_update().filter(pk=account.pk).first()
    if before and (before.login, before.operator_id) != (account.login, account.operator_id):
        account.event_cursor = ""
        handled(AttentionKind.EVENT_FEED, [before.login])
        restart_sessions({before.operator_id, account.operator_id})
    account.save()
    publish_presence([account.operator_id])


def operators_without_account(operator_ids: Collection[int]) -> set[int]:
    """Those of these operators who have no account in MightyCall, and so get no calls."""
    accounts = MightyCallOperator.objects.filter(operator__in=operator_ids)
    return set(operator_ids) - set(accounts.values_list("operator_id", flat=True))
