"""The token itself: a JWT signed with HS512 (``jti``, ``sub``, ``iat``), and the digest under which
it is known.

The token carries no expiry: the table decides, so that it can slide, and end at once. Only the
digest is stored, so a stolen table opens nothing.
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
    """A new token of the operator; no two are alike."""
    claims = {"jti": str(uuid.uuid4()), "sub": str(operator_id), "iat": at}
    return jwt.encode(claims, settings.JWT_KEY, algorithm=ALGORITHM)


def digest_of(token: str) -> str:
    """SHA-256 of the token, in hex: its name in the table and in the cache."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_id_of(token: str) -> str:
    """The ``jti`` of a token that this system signed. Raises AccessDeniedError for any other
    text."""
    try:
        claims = jwt.decode(
            token,
            settings.JWT_KEY,
            algorithms=[ALGORITHM],
            # the table knows the times; a machine whose clock is late must not refuse a new token
            options={"require": ["jti", "sub", "iat"], "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise AccessDeniedError from error
    return str(claims["jti"])


def claimed_operator_id(token: str) -> int | None:
    """Whose the token says it is, unverified: to look beside the session, never to trust."""
    try:
        # by hand: PyJWT's own reading takes a quarter of a whole hasChanges
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return int(claims["sub"])
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return None
