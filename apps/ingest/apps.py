"""The ingest app: incoming files."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    name = "apps.ingest"
    verbose_name = _("Incoming files")

    def ready(self) -> None:
        # registers the checks
        import_module("apps.ingest.checks")
