"""Makes and reads tokens: a JWT signed with HS512 that carries ``jti``, ``sub`` and ``iat``.

The token carries no expiry. The table decides, so that the expiry can slide and a token can end at
once. Only the token's digest is stored, so a stolen table opens nothing.
"""

import base64
import hashlib
import json
import uuid
from datetime import datetime

import jwt
from django.conf import settings

from apps.security.types import AccessDeniedError

ALGORITHM = "HS512"
MIN_KEY_BYTES = 64  # as long as HS512's digest (RFC 7518, section 3.2)


def issue(operator_id: int, at: datetime) -> str:
    """A new token of the operator, issued at the moment ``at``; no two tokens are equal."""
    claims = {"jti": str(uuid.uuid4()), "sub": str(operator_id), "iat": at}
    return jwt.encode(claims, settings.JWT_KEY, algorithm=ALGORITHM)


def digest_of(token: str) -> str:
    """SHA-256 of the token, in hex: its key in the table and in the cache."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_id_of(token: str) -> str:
    """The ``jti`` of a token that this system signed. Raises AccessDeniedError for any other
    text."""
    try:
        claims = jwt.decode(
            token,
            settings.JWT_KEY,
            algorithms=[ALGORITHM],
            # the table knows the times; a machine whose clock is slow must not reject a new token
            options={"require": ["jti", "sub", "iat"], "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise AccessDeniedError from error
    return str(claims["jti"])


def claimed_operator_id(token: str) -> int | None:
    """The operator whom the token names, without verification: good enough to look up a cache key
    along with the session, never to be trusted. None when it cannot be read."""
    try:
        # by hand: PyJWT's own reading takes a quarter of a whole hasChanges
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return int(claims["sub"])
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, RecursionError):
        return None
