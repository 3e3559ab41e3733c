"""How a login and a password become an operator."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from apps.security.models import Operator
from apps.security.types import OperatorLockedError


class OperatorBackend(ModelBackend):
    """Checks the password and takes the rights from the operator's role.

    An unknown login costs the same time as a wrong password (``ModelBackend`` hashes for nobody
    then). Whoever knows the password of a locked operator is told so, by OperatorLockedError;
    whoever does not learns nothing."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Operator | None:
        operator = super().authenticate(request, username=username, password=password, **kwargs)
        if isinstance(operator, Operator) and operator.locked:
            raise OperatorLockedError
        return operator if isinstance(operator, Operator) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Everybody whose password is right; the lock is judged above, where it can be told."""
        return True

    def get_user(self, user_id: int) -> Operator | None:
        """The operator of a session, asked on every request: a locked one is nobody, so the session
        ends at once.
        """
        return Operator.objects.filter(pk=user_id, locked=False).first()

    def get_user_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()

    def get_group_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()
