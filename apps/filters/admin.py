"""Django looks for a module of this name; the admin pages are in ``back_office``."""

from apps.filters.back_office.admin import ApplicationAdmin, CascadeAdmin

__all__ = ["ApplicationAdmin", "CascadeAdmin"]
