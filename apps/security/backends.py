"""How a login and a password become an operator."""

from django.contrib.auth.backends import ModelBackend


class OperatorBackend(ModelBackend):
    """Checks the password and takes the rights from the operator's role.

    An unknown login costs the same time as a wrong password (``ModelBackend`` hashes for nobody then). A locked operator is nobody
    here; who must tell "locked" from "wrong" asks ``security.services``.
    """

    def get_user_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()

    def get_group_permissions(self, user_obj, obj=None):  # type: ignore[no-untyped-def]
        return set()
