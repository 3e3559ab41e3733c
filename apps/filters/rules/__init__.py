"""The rules: one class for each filter. ``RULES`` finds every rule of this folder by itself."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from apps.filters.rules.base import Rule
from apps.filters.rules.ml_checks import ML_CHECKS, checks_named


def _found() -> dict[str, type[Rule]]:
    rules: dict[str, type[Rule]] = {}
    for module in pkgutil.iter_modules(__path__):
        for thing in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(thing, type) and issubclass(thing, Rule) and "name" in vars(thing):
                rules[thing.name] = thing
    return rules


# name of the filter → its rule
RULES: dict[str, type[Rule]] = _found()


def rules_of(settings: Mapping[str, Any]) -> dict[str, type[Rule]]:
    """All filters that these settings may put into their order: name → rule. Apart from those of
    this folder, the checks that the settings name.
    """
    return {**checks_named(settings.get(ML_CHECKS, ())), **RULES}
