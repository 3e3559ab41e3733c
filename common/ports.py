"""Finds the adapter of a port: a setting names it by its dotted path."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def _instance(dotted_path: str) -> Any:
    return import_string(dotted_path)()


def bound(setting: str) -> Any:
    """The adapter whose dotted path stands in ``setting``; one object per path.

    The caller states its own Protocol as the type of the result.
    """
    return _instance(getattr(settings, setting))
