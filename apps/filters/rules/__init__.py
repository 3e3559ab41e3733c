"""The rules: one class for each filter. ``RULES`` finds every rule of this folder by itself."""

import importlib
import pkgutil

from apps.filters.rules.base import Rule


def _found() -> dict[str, type[Rule]]:
    rules: dict[str, type[Rule]] = {}
    for module in pkgutil.iter_modules(__path__):
        for thing in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(thing, type) and issubclass(thing, Rule) and "name" in vars(thing):
                rules[thing.name] = thing
    return rules


# name of the filter → its rule
RULES: dict[str, type[Rule]] = _found()
