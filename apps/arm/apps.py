from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArmConfig(AppConfig):
    name = "apps.arm"
    verbose_name = _("Operator workplace")

    def ready(self) -> None:
        # registers the checks
        import_module("apps.arm.checks")
