"""Django's authentication backend: finds the operator of a login and a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from apps.security.models import Operator
from apps.security.types import OperatorLockedError


class OperatorBackend(ModelBackend):
    """Checks the password and takes the rights from the operator's role.

    An unknown login takes as long as a wrong password, because ``ModelBackend`` hashes in both
    cases. OperatorLockedError is raised only when the password is right, so that somebody who does
    not know it learns nothing."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Operator | None:
        operator = super().authenticate(request, username=username, password=password, **kwargs)
        if isinstance(operator, Operator) and operator.locked:
            raise OperatorLockedError
        return operator if isinstance(operator, Operator) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Everybody whose password is right. The lock is looked at in ``authenticate``, which can
        say why it lets nobody in."""
        return True

    def get_user(self, user_id: int) -> Operator | None:
        """The operator of a session, read with every request. None for a locked one, so the session
        ends at once.
        """
        return Operator.objects.filter(pk=user_id, locked=False).first()

    def get_user_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()

    def get_group_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()
