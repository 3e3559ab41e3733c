"""Makes our back office Django's admin site."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    # in another module, because it imports models, and this one is imported before they are loaded
    default_site = "telemarketing.back_office_site.BackOffice"
