"""Changing the keys: what the old ones signed or encrypted goes on working until they are gone."""

import ast
from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from apps.security import services
from apps.security.models import SecondFactor
from apps.telephony.models import MightyCallOperator
from common.encryption import decrypt, is_current
from telemarketing.management.commands import reencrypt
from testing.browser import enter_back_office
from testing.factories.security import OperatorFactory, SeniorOperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def old_key(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False
    settings.FIELD_ENCRYPTION_KEYS = [OLD]


def account(password: str) -> MightyCallOperator:
    row = MightyCallOperator(operator=OperatorFactory.create(), login=password)
    row.set_password(password)
    row.save()
    return row


def run() -> str:
    output = StringIO()
    call_command("reencrypt", stdout=output)
    return output.getvalue()


def test_every_encrypted_column_is_encrypted_anew_and_the_old_key_can_go(
    settings: Settings,
) -> None:
    accounts = [account(f"secret-{number}") for number in range(3)]
    services.prepare_second_factor(accounts[0].operator)
    secret = decrypt(SecondFactor.objects.get().secret)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    first, second = run(), run()

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert [decrypt(row.password) for row in MightyCallOperator.objects.order_by("pk")] == [
        "secret-0", "secret-1", "secret-2",
    ]  # fmt: skip
    assert decrypt(SecondFactor.objects.get().secret) == secret
    assert "password: 3 encrypted anew, 0 unreadable" in first
    assert "secret: 1 encrypted anew, 0 unreadable" in first
    assert second.count(" 0 encrypted anew") == 2


def test_an_interrupted_run_keeps_what_it_did_and_the_next_does_the_rest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        account(f"secret-{number}")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    monkeypatch.setattr(reencrypt, "BATCH_ROWS", 2)
    seen: list[str] = []

    def interrupted(text: str) -> bool:
        seen.append(text)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return is_current(text)

    monkeypatch.setattr(reencrypt, "is_current", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run()
    after_interruption = [is_current(row.password) for row in in_order()]
    monkeypatch.setattr(reencrypt, "is_current", is_current)
    run()

    assert after_interruption == [True, True, False, False, False]
    assert all(is_current(row.password) for row in in_order())


def in_order() -> list[MightyCallOperator]:
    return list(MightyCallOperator.objects.order_by("pk"))


def test_a_value_that_fits_no_key_is_named_and_holds_up_no_other(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    lost, kept = account("lost"), account("kept")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    lost.set_password("lost")
    lost.save()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    with pytest.raises(CommandError, match="none of the keys"):
        run()

    kept.refresh_from_db()
    lost.refresh_from_db()
    assert is_current(kept.password)
    assert f"telephony.MightyCallOperator {lost.pk}" in caplog.text
    with pytest.raises(InvalidToken):
        decrypt(lost.password)


def test_the_command_knows_every_module_that_encrypts() -> None:
    """A new one adds its column to the command, and itself here."""
    modules = [
        path
        for folder in ("apps", "telemarketing")
        for path in (project.BASE_DIR / folder).rglob("*.py")
        if "tests" not in path.parts and _imports_encrypt(path.read_text(encoding="utf-8"))
    ]

    assert {path.parent.name for path in modules} == {"telephony", "security"}
    assert len(reencrypt.ENCRYPTED) == len(modules)


def _imports_encrypt(source: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "common.encryption"
        and "encrypt" in {alias.name for alias in node.names}
        for node in ast.walk(ast.parse(source))
    )


def test_sessions_outlive_a_change_of_djangos_key(settings: Settings) -> None:
    settings.SECRET_KEY = "a" * 50
    browser = Client()
    enter_back_office(browser, SeniorOperatorFactory.create())

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "b" * 50, ["a" * 50]
    with_the_old_key = browser.get("/admin/").status_code
    settings.SECRET_KEY_FALLBACKS = []
    signed_anew = browser.get("/admin/").status_code
    settings.SECRET_KEY = "c" * 50

    assert (with_the_old_key, signed_anew) == (200, 200)
    assert browser.get("/admin/").status_code == 302
