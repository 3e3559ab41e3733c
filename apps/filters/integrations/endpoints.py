"""Addresses, limits and credentials of BlackList, Casper and Abram, from the settings."""

from django.conf import settings

from common.http import Endpoint, HttpService, http_service


def service(name: str) -> HttpService:
    """Return the service named ``blacklist``, ``casper`` or ``abram``: one per process."""
    limits = settings.SERVICE_LIMITS[name.upper()]
    token = getattr(settings, f"{name.upper()}_TOKEN")
    return http_service(
        Endpoint(
            name=name,
            base_url=getattr(settings, f"{name.upper()}_URL"),
            headers=(("Authorization", f"Bearer {token}"),) if token else (),
            connect_seconds=limits["connect_seconds"],
            read_seconds=limits["read_seconds"],
            concurrency=limits["concurrency"],
            rest_seconds=settings.SERVICE_REST_SECONDS,
        )
    )
