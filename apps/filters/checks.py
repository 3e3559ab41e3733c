"""System checks: mistakes in ``config/campaigns.yaml`` and in limits of services."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError

from apps.filters.cascade.compiled_cascade import flaw_of
from apps.filters.cascade.config_file import read_file
from apps.filters.models import Cascade
from common.configuration import ConfigError


@register("config")
def campaigns_file_is_valid(**_kwargs: Any) -> list[CheckMessage]:
    """An error for a wrong ``config/campaigns.yaml``, a warning for streams without files.

    The file may be missing: the settings may live in the database alone.
    """
    path = settings.CONFIG_DIR / "campaigns.yaml"
    if not path.exists():
        return []
    try:
        read_file(path)
    except ConfigError as error:
        return [Error(str(error), id="filters.E001")]
    return []


@register("config")
def service_settings_are_valid(**_kwargs: Any) -> list[CheckMessage]:
    """An error for each limit of a service, or of time, that is not above zero."""
    wrong = [
        f"{name}: {limit} must be above 0"
        for name, limits in settings.SERVICE_LIMITS.items()
        for limit, value in limits.items()
        if value <= 0
    ]
    if settings.SERVICE_PATIENCE_HOURS <= 0:
        wrong.append("SERVICE_PATIENCE_HOURS must be above 0")
    if settings.DRY_RUN_DAYS < 1:
        wrong.append("DRY_RUN_DAYS: a whole number from 1 is expected")
    return [Error(text, id="filters.E002") for text in wrong]


@register("database")
def stored_cascades_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    """A warning for each cascade that cannot be read, and for streams without files.

    No error, because the other campaigns can go on: applications of this one wait until its
    settings are corrected. Runs with ``manage.py check --database default`` and after each
    ``migrate``.
    """
    try:
        rows = list(Cascade.objects.order_by("campaign_id"))
    except DatabaseError:
        return []  # before the first migration
    flaws = (flaw_of(row.campaign_id, row.settings) for row in rows)
    return [CheckWarning(flaw, id="filters.W001") for flaw in flaws if flaw]
