"""Registers the admin pages of ``back_office``: Django looks for a module of this name."""

from apps.filters.back_office.admin import ApplicationAdmin, CascadeAdmin

__all__ = ["ApplicationAdmin", "CascadeAdmin"]
