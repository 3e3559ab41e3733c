from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiltersConfig(AppConfig):
    name = "apps.filters"
    verbose_name = _("Applications and filters")

    def ready(self) -> None:
        # registers the checks
        import_module("apps.filters.checks")
