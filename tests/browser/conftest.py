"""A real Chromium against the real server, PostgreSQL and cache, with fakes of the core's ports.

Without Chromium these tests are skipped, except on the build machine, where they fail.
"""

import os
import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.security.models import Operator
from tests.browser.scenes import WorkplacePage, make_operator

# Playwright's loop runs in the tests' own thread, which Django takes for an asynchronous one
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREEN: ViewportSize = {
    "width": 1280,
    "height": 720,
}  # the smallest that is promised to fit
ARGUMENTS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# a refused or unreachable request is what some tests are about; the browser logs each of them
EXPECTED_COMPLAINT = "Failed to load resource"


# not for the session: its loop runs in the thread of the tests, where others start their own
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("the build machine has no chromium")
        pytest.skip("there is no chromium on this machine")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + sandbox)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def alone(core_alone: None) -> None:
    """The browser's tests run with fakes of the core's ports."""


@pytest.fixture(autouse=True)
def cache_of_its_own(settings: Settings) -> None:
    """Another process of the test run may serve operators with the same ids."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}


@pytest.fixture
def page(browser: Browser, cache_of_its_own: None, live_server: LiveServer) -> Iterator[Page]:
    """An empty page of a new browser profile.

    An error of a script or a breach of the content security policy fails the test.
    """
    complaints: list[str] = []

    def keep(message: ConsoleMessage) -> None:
        if message.type == "error" and EXPECTED_COMPLAINT not in message.text:
            complaints.append(message.text)

    context = browser.new_context(viewport=SCREEN, locale="ru-RU", base_url=live_server.url)
    page = context.new_page()
    page.on("console", keep)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def operator(transactional_db: None) -> Operator:
    return make_operator()


@pytest.fixture
def workplace(page: Page, operator: Operator) -> WorkplacePage:
    """The page after the operator has logged in."""
    scene = WorkplacePage(page, operator)
    scene.log_in()
    return scene
