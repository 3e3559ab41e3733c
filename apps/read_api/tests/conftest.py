"""A scene with two rows of each kind, and readers of it."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.read_api.tests.scene import Ask, Scene, made
from apps.security.models import Operator
from testing.browser import Answer
from testing.factories.security import AdministratorFactory, SeniorOperatorFactory, token_of


@pytest.fixture
def scene(db: None) -> Scene:
    return made()


@pytest.fixture
def senior(db: None) -> Operator:
    return SeniorOperatorFactory.create(login="senior")


@pytest.fixture
def ask(settings: Settings, cold_cache: None, senior: Operator) -> Ask:
    """Asks for a list or row: ``ask("calls/7", reader, limit=2)``; without a reader as `senior`."""
    settings.SECURE_SSL_REDIRECT = False

    def asked(path: str, reader: Operator | None = None, **parameters: Any) -> Answer:
        token = token_of(reader or senior)
        return Client().get(
            f"/api/v1/{path}", parameters, headers={"Authorization": f"Bearer {token}"}
        )

    return asked


@pytest.fixture
def administrator(db: None) -> Operator:
    return AdministratorFactory.create(login="administrator")
