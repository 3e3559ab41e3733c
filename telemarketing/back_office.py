"""Puts our back office in the place of Django's admin site."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    # a module of its own: it needs models, and this one is read before there are any
    default_site = "telemarketing.back_office_site.BackOffice"
