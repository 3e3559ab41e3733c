"""What every answer says to browsers and proxies."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from testing.factories.security import PASSWORD, OperatorFactory, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]


@pytest.fixture(autouse=True)
def plain_http(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        place = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, place)
        elif "<" not in place and "(" not in place:
            yield place


API = sorted(a for a in addresses(get_resolver().url_patterns) if a.startswith("/api/"))


def test_the_addresses_of_the_api_are_found() -> None:
    assert {"/api/arm/v1/getClientCard", "/api/security/v1/login", "/api/schema/"} <= set(API)


@pytest.mark.parametrize("address", [*API, "/api/unheard/of"])
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_no_answer_of_the_api_may_be_kept(client: Client, address: str, method: str) -> None:
    token = token_of(OperatorFactory.create())

    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        answer = getattr(client, method)(address, headers=headers)
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_may_not_be_kept(client: Client) -> None:
    body = {"login": OperatorFactory.create().login, "password": PASSWORD}

    answer = client.post("/api/arm/v1/login", body, content_type="application/json")

    assert answer.json()["data"]["token"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/arm/", "/admin/login/", "/api/docs/", "/unheard-of"])
def test_no_page_may_use_a_camera_or_a_microphone(client: Client, address: str) -> None:
    policy = client.get(address).headers["Permissions-Policy"]

    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(policy.split(", "))


def test_the_description_of_the_api_can_be_closed(client: Client, settings: Settings) -> None:
    assert client.get("/api/schema/").status_code == client.get("/api/docs/").status_code == 200

    settings.API_DOCS = False

    assert client.get("/api/schema/").status_code == client.get("/api/docs/").status_code == 404


def settings_under(**variables: str) -> dict[str, str]:
    """What the settings say in a process with these variables."""
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME", "SECURE_HSTS_PRELOAD")
    script = (
        "from django.conf import settings;"
        f"print(*(getattr(settings, name) for name in {names!r}), sep='\\n')"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script],
        cwd=project.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "telemarketing.settings", **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(zip(names, done.stdout.split(), strict=True))


def test_over_https_cookies_belong_to_this_host_alone_and_nobody_preloads_the_domain() -> None:
    assert settings_under(HTTPS="true") == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "DEVICE_COOKIE_NAME": "__Host-device",
        "SECURE_HSTS_PRELOAD": "False",
    }
    assert settings_under(HTTPS="true", HSTS_PRELOAD="true")["SECURE_HSTS_PRELOAD"] == "True"
    assert settings_under(HTTPS="false")["SESSION_COOKIE_NAME"] == "session"
