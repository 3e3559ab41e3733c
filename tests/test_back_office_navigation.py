"""The navigation of the back office: every page once, for whoever may open it."""

from collections import Counter

import pytest
from django.contrib import admin
from django.test import Client

from apps.campaigns.services import set_aside
from apps.campaigns.types import AttentionKind
from apps.security.models import Operator
from common.clock import now
from telemarketing.back_office_navigation import GROUPS
from testing.browser import enter_back_office
from testing.factories.security import AdministratorFactory, SeniorOperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]


def links_of(operator: Operator) -> list[dict[str, object]]:
    client = Client()
    enter_back_office(client, operator)
    groups = client.get("/admin/", secure=True).context["available_apps"]
    return [link for group in groups for link in group["models"]]


def test_every_model_of_the_back_office_has_one_link() -> None:
    named = Counter(item for group in GROUPS for item in group.items if isinstance(item, str))

    assert named == Counter(model._meta.label_lower for model in admin.site._registry)


def test_whoever_may_not_open_a_page_has_no_link_to_it() -> None:
    senior, administrator = SeniorOperatorFactory.create(), AdministratorFactory.create()

    missing = {link["admin_url"] for link in links_of(administrator)} - {
        link["admin_url"] for link in links_of(senior)
    }

    assert missing == {"/admin/security/accessrecord/"}


def test_what_needs_attention_is_counted_beside_its_link() -> None:
    for key in (1, 2):
        set_aside(AttentionKind.CAMPAIGN, key, ValueError(), now())

    waiting = {
        link["admin_url"]: link["waiting"]
        for link in links_of(SeniorOperatorFactory.create())
        if link["waiting"]
    }

    assert waiting == {"/admin/campaigns/attentionitem/": 2}


def test_the_live_floor_is_the_first_link() -> None:
    assert links_of(SeniorOperatorFactory.create())[0]["admin_url"] == "/admin/"
