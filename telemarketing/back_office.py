"""The back office: Django's admin under the system's own name, open to senior operators and
administrators."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class BackOffice(AdminSite):
    site_title = _("Telemarketing")
    site_header = _("Telemarketing")
    index_title = _("Back office")
    enable_nav_sidebar = True


class BackOfficeConfig(AdminConfig):
    default_site = "telemarketing.back_office.BackOffice"
