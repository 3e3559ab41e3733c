"""``manage.py reencrypt``: encrypts with the newest key what an older one encrypted."""

import logging
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model

from common.encryption import is_current, renewed

logger = logging.getLogger(__name__)

# every column that holds what `common.encryption.encrypt` gave
ENCRYPTED = (("telephony.MightyCallOperator", "password"), ("security.SecondFactor", "secret"))
BATCH_ROWS = 500  # locked and committed together


class Command(BaseCommand):
    help = (
        "Encrypt all encrypted columns with the first of the keys in FIELD_ENCRYPTION_KEY, in "
        "batches; what is encrypted with it already stays as it is, so the command may be "
        "interrupted and started again. When it ends with 0, the older keys can be taken out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for label, column in ENCRYPTED:
            changed, failed = reencrypt_column(apps.get_model(label), column)
            unreadable += failed
            self.stdout.write(f"{label}.{column}: {changed} encrypted anew, {failed} unreadable")
        if unreadable:
            raise CommandError("some values fit none of the keys: keep every key and see the log")


def reencrypt_column(model: type[Model], column: str) -> tuple[int, int]:
    """Returns how many rows were encrypted anew, and how many fit none of the keys."""
    changed = failed = last = 0
    while True:
        with transaction.atomic():
            rows = model._default_manager.filter(pk__gt=last).order_by("pk")
            batch = list(rows.select_for_update(no_key=True)[:BATCH_ROWS])
            if not batch:
                return changed, failed
            renewable = [row for row in batch if not is_current(getattr(row, column))]
            done = [row for row in renewable if _renew(row, column)]
            model._default_manager.bulk_update(done, [column])
        changed, failed = changed + len(done), failed + len(renewable) - len(done)
        last = batch[-1].pk


def _renew(row: Model, column: str) -> bool:
    """Encrypt one value anew. False for a value that fits no key: it holds up no other."""
    try:
        setattr(row, column, renewed(getattr(row, column)))
    except InvalidToken:
        logger.warning("%s %s: %s fits none of the keys", row._meta.label, row.pk, column)
        return False
    return True
