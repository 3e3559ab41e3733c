"""The type of what Django's test client answers: a response that can be read as JSON."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # the name that the stubs have for it; Django gives it none
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponse as Answer

__all__ = ["Answer"]
