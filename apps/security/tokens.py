"""Makes and reads tokens: a JWT signed with HS512 that carries ``jti``, ``sub`` and ``iat``, and
names its key.

The token carries no expiry. The table decides, so that the expiry can slide and a token can end at
once. Only the token's digest is stored, so a stolen table opens nothing.
"""

import base64
import hashlib
import json
import uuid
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from django.conf import settings

from apps.security.types import AccessDeniedError

ALGORITHM = "HS512"
MIN_KEY_BYTES = 64  # as long as HS512's digest (RFC 7518, section 3.2)


def issue(operator_id: int, at: datetime) -> str:
    """A new token of the operator, issued at the moment ``at``; no two tokens are equal."""
    claims = {"jti": str(uuid.uuid4()), "sub": str(operator_id), "iat": at}
    key: str = settings.JWT_KEYS[0]
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id(key)})


@cache
def key_id(key: str) -> str:
    """The name of a key (``kid``) in the tokens that it signs. It says nothing about the key, which
    is as long as the digest that this is cut from."""
    return hashlib.sha256(f"kid:{key}".encode()).hexdigest()[:16]


def digest_of(token: str) -> str:
    """SHA-256 of the token, in hex: its key in the table and in the cache."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_id_of(token: str) -> str:
    """The ``jti`` of a token that this system signed with one of the keys ``JWT_KEYS``. Raises
    AccessDeniedError for any other text. Every verification of a token is made here."""
    try:
        claims = _claims_of(token)
    except jwt.InvalidTokenError as error:
        raise AccessDeniedError from error
    return str(claims["jti"])


def _claims_of(token: str) -> dict[str, Any]:
    """The claims, verified with the key that the token names; tokens of earlier releases name none,
    and any key may have signed them."""
    named = jwt.get_unverified_header(token).get("kid")
    for key in settings.JWT_KEYS:
        if named in (None, key_id(key)):
            with suppress(jwt.InvalidSignatureError):
                return _verified(token, key)
    raise jwt.InvalidSignatureError


def _verified(token: str, key: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        # the table knows the times; a machine whose clock is slow must not reject a new token
        options={"require": ["jti", "sub", "iat"], "verify_iat": False},
    )


def claimed_operator_id(token: str) -> int | None:
    """The operator whom the token names, without verification: good enough to look up a cache key
    along with the session, never to be trusted. None when it cannot be read."""
    try:
        # by hand: PyJWT's own reading takes a quarter of a whole hasChanges
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return int(claims["sub"])
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, RecursionError):
        return None
