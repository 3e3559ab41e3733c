"""The telephony app: the adapter to MightyCall."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from apps.telephony.checks import settings_are_complete


class TelephonyConfig(AppConfig):
    name = "apps.telephony"
    verbose_name = _("Telephony")

    def ready(self) -> None:
        register(settings_are_complete)
