"""Django's test client as a browser: what it answers, and who is logged in to the back office."""

from typing import TYPE_CHECKING

from django.test import Client

from apps.security.models import Operator

if TYPE_CHECKING:
    # the name that the stubs have for it; Django itself has none
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponse as Answer

__all__ = ["Answer", "enter_back_office"]


def enter_back_office(browser: Client, operator: Operator) -> None:
    """Log the operator in to the back office, without the page for it."""
    browser.force_login(operator, backend="apps.security.backends.OperatorBackend")
