from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    name = "apps.security"
    verbose_name = _("Operators")

    def ready(self) -> None:
        # registers the checks
        import_module("apps.security.checks")
