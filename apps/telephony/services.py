"""What others may ask of telephony beside the ports that it implements."""

from django.db import transaction

from apps.telephony.models import MightyCallOperator
from apps.telephony.sessions.operator_sessions import publish_presence, restart_sessions


@transaction.atomic
def save_account(account: MightyCallOperator, new_password: str = "") -> None:
    """Save an operator's MightyCall account, with its password where a new one is given.

    Another login is another extension: its events are read from their beginning, the session of
    the old one is closed, and whoever is on line goes on under the new one.
    """
    if new_password:
        account.set_password(new_password)
    before = MightyCallOperator.objects.select_for_update().filter(pk=account.pk).first()
    if before and (before.login, before.operator_id) != (account.login, account.operator_id):
        account.event_cursor = ""
        restart_sessions({before.operator_id, account.operator_id})
    account.save()
    publish_presence([account.operator_id])
