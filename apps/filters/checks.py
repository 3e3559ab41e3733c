"""System checks: the configuration file is read at every start and a mistake stops it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.campaigns.types import ConfigError
from apps.filters.config_file import read_file


@register("config")
def campaigns_file_is_valid(**_kwargs: Any) -> list[CheckMessage]:
    """``config/campaigns.yaml``, where there is one: settings may live in the database alone."""
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
    """Limits of the services make sense."""
    wrong = [
        f"{name}: {limit} must be above 0"
        for name, limits in settings.SERVICE_LIMITS.items()
        for limit, value in limits.items()
        if value <= 0
    ]
    if settings.SERVICE_PATIENCE_HOURS <= 0:
        wrong.append("SERVICE_PATIENCE_HOURS must be above 0")
    return [Error(text, id="filters.E002") for text in wrong]
