from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadApiConfig(AppConfig):
    name = "apps.read_api"
    verbose_name = _("Read API")
