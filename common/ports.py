"""Binds a port of the core to the adapter that a setting names by its dotted path."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def _instance(dotted_path: str) -> Any:
    return import_string(dotted_path)()


def bound(setting: str) -> Any:
    """The adapter bound to the port that ``setting`` names; one object per dotted path.

    The caller annotates the result with its own Protocol, which is what makes it typed again.
    """
    return _instance(getattr(settings, setting))
