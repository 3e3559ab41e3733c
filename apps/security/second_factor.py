"""The second factor of people who enter the back office: setting it up, asking for it, resetting it
(django-otp)."""

import base64
import hashlib
import secrets
from collections.abc import Collection
from urllib.parse import quote

import django_otp
from django.conf import settings
from django.db import transaction

from apps.security.access_log.recording import record_access, record_change
from apps.security.models import Operator, SecondFactor
from apps.security.sessions import end_sessions
from apps.security.types import Access, Visitor
from common.encryption import decrypt, encrypt

REQUIRED = "required"
ISSUER = "Telemarketing"  # the application of codes shows it above the login
SECRET_BYTES = 20  # as long as the hash of the codes, SHA-1 (RFC 4226, section 4)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 16 letters and digits


def second_factor_of(operator_id: int) -> SecondFactor | None:
    """The second factor that the operator has set up; None: not yet."""
    return SecondFactor.objects.filter(user_id=operator_id, confirmed=True).first()


def second_factor_is_due(factor: SecondFactor | None) -> bool:
    """True where this installation requires a second factor and the person has none."""
    return factor is None and settings.SECOND_FACTOR == REQUIRED


def prepare_second_factor(operator: Operator) -> str:
    """The address (otpauth:) that an application of codes reads, with a secret that stays the same
    until ``confirm_second_factor``. For an operator who has no second factor."""
    secret = encrypt(secrets.token_hex(SECRET_BYTES))
    SecondFactor.objects.bulk_create(
        [SecondFactor(user=operator, name="TOTP", confirmed=False, secret=secret)],
        ignore_conflicts=True,
    )
    factor = SecondFactor.objects.get(user=operator, confirmed=False)
    label = quote(f"{ISSUER}:{operator.login}")
    return f"otpauth://totp/{label}?secret={secret_text(factor)}&issuer={ISSUER}"


def secret_text(factor: SecondFactor) -> str:
    """The secret as people type it where they cannot scan it."""
    return base64.b32encode(bytes.fromhex(decrypt(factor.secret))).decode()


def confirm_second_factor(operator: Operator, code: str, by: Visitor) -> list[str] | None:
    """Set the second factor up: the person proves with a code that their application has it.

    Returns the recovery codes, which are shown this once; None when the code is wrong. The access
    log has a record of both.
    """
    factor = SecondFactor.objects.filter(user=operator, confirmed=False).first()
    if factor is None or not _is_verified(factor, operator, code):
        record_access(by, Access.SECOND_FACTOR_FAILED)
        return None
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        SecondFactor.objects.filter(pk=factor.pk).update(
            confirmed=True, recovery_digests=[_digest(one) for one in codes]
        )
        record_change(by, Access.SECOND_FACTOR_SET)
    return ["-".join(one[start : start + 4] for start in range(0, len(one), 4)) for one in codes]


def verify_second_factor(operator: Operator, code: str, by: Visitor) -> SecondFactor | None:
    """The second factor, when this is its code of now or one of its recovery codes, which is spent
    then; None when it is neither, or wrong codes have made it wait."""
    factor = second_factor_of(operator.pk)
    if factor is None or not _is_verified(factor, operator, code):
        record_access(by, Access.SECOND_FACTOR_FAILED)
        return None
    return factor


def reset_second_factors(operator_ids: Collection[int], by: Visitor | None = None) -> None:
    """Forget the second factors of these operators, who have lost theirs, and end their
    sessions."""
    with transaction.atomic():
        SecondFactor.objects.filter(user__in=operator_ids).delete()
        end_sessions(operator_ids)
        if operator_ids:
            record_change(by, Access.SECOND_FACTOR_RESET, Operator._meta.label_lower, *operator_ids)


def _is_verified(factor: SecondFactor, operator: Operator, code: str) -> bool:
    return django_otp.verify_token(operator, factor.persistent_id, code) is not None


def _new_recovery_code() -> str:
    return base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
