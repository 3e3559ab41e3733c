"""Takes the pictures of docs/ru/operator.md anew from a running demo (``make run``, then
``make screenshots``). The operator's calls are those of the simulated telephony.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "ru" / "images"
LOGINS = ROOT / "var" / "demo-logins.txt"
LOGIN = "operator1"
SCREEN: ViewportSize = {"width": 1280, "height": 720}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
A_CALL_MS = 180_000  # the sample file has clients who answer, but not all of them do


def main() -> None:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        page = browser.new_page(viewport=SCREEN, locale="ru-RU", base_url=address)
        _log_in(page)
        _walk_through_a_call(page)
        browser.close()


def _log_in(page: Page) -> None:
    page.goto("/arm/")
    page.get_by_label("Логин").fill(LOGIN)
    _keep(page, "login")
    page.get_by_label("Пароль").fill(_password())
    page.get_by_role("button", name="Войти").click()
    page.locator(".rework").wait_for()
    _keep(page, "list")


def _walk_through_a_call(page: Page) -> None:
    page.locator(".card:not([hidden]) input[type=radio]").first.wait_for(timeout=A_CALL_MS)
    page.wait_for_timeout(2_000)  # the parts that services are still asked for
    _keep(page, "card")
    page.keyboard.press("Alt+J")
    _keep(page, "applications")
    page.keyboard.press("Alt+J")
    page.keyboard.press("F1")
    _keep(page, "keys")
    page.keyboard.press("Escape")
    page.set_viewport_size(TELEPHONE)
    _keep(page, "telephone")
    page.set_viewport_size(SCREEN)
    page.locator("progress").wait_for(timeout=A_CALL_MS)
    page.locator(".choice", has_text="Перезвонить").first.click()
    page.locator("[id^=callbackTime]").first.fill("завтра 10")
    _keep(page, "callback")


def _password() -> str:
    lines = LOGINS.read_text(encoding="utf-8").splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{LOGIN} "))


def _keep(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
