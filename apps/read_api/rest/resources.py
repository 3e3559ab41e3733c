"""Every kind of row of the read API, with all that tells it from the others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.campaigns import selectors as campaign_selectors
from apps.filters import selectors as filter_selectors
from apps.read_api.rest import filters, serializers
from apps.security import selectors as security_selectors
from common.serializers import CamelCaseSerializer


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """``name`` stands in the address. ``title`` is of the list, for the published description;
    ``example`` one of its rows. Of rows about clients, ``client_label`` names the model in the
    access log, which has a record of each row that is read.
    """

    name: str
    title: Promise | str
    rows: Callable[[], QuerySet[Any]]
    filters: type[filters.RowFilters]
    row: type[CamelCaseSerializer]
    example: dict[str, Any]
    client_label: str = ""

    @property
    def word(self) -> str:
        """``Applications``: names the answers and operations in the published description."""
        return self.name.capitalize()


AT = "2026-11-25T12:00:00+03:00"
MASKED = "+7 (***) ***-27-89"
RESOURCES = (
    Resource(
        name="campaigns",
        title=_("Campaigns"),
        rows=campaign_selectors.list_campaigns,
        filters=filters.CampaignFilters,
        row=serializers.CampaignRow,
        example={
            "id": 1,
            "createdAt": AT,
            "name": "Займы на телефон",
            "domain": "LOANS",
            "active": True,
            "priority": 0,
            "timeZone": "Europe/Moscow",
            "maxAttempts": 3,
        },
    ),
    Resource(
        name="operators",
        title=_("Operators"),
        rows=security_selectors.list_operators,
        filters=filters.OperatorFilters,
        row=serializers.OperatorRow,
        example={
            "id": 683,
            "createdAt": AT,
            "login": "ivanova",
            "firstName": "Анна",
            "lastName": "Иванова",
            "role": "OPERATOR",
            "locked": False,
        },
    ),
    Resource(
        name="applications",
        client_label="filters.application",
        title=_("Snapshots of applications"),
        rows=filter_selectors.list_applications,
        filters=filters.ApplicationFilters,
        row=serializers.ApplicationRow,
        example={
            "id": 17,
            "createdAt": AT,
            "stream": "MOBILE_LOANS",
            "applicationNumber": "34697463",
            "applicationCreatedAt": AT,
            "applicationChangedAt": AT,
            "applicationStatus": "registered",
            "clientType": "pioneer",
            "phone": MASKED,
            "lastName": "А***",
            "firstName": "А***",
            "citizenship": "KGZ",
            "desiredAmount": "30000.00",
        },
    ),
    Resource(
        name="tasks",
        client_label="campaigns.campaigntask",
        title=_("Campaign tasks"),
        rows=campaign_selectors.list_tasks,
        filters=filters.TaskFilters,
        row=serializers.TaskRow,
        example={
            "id": 45,
            "createdAt": AT,
            "campaignId": 1,
            "phone": MASKED,
            "state": "NEW",
            "attempts": 0,
            "callNotBefore": AT,
            "sourceKey": "application:17",
            "subjectKey": "MOBILE_LOANS/34697463",
        },
    ),
    Resource(
        name="calls",
        client_label="campaigns.call",
        title=_("Calls"),
        rows=campaign_selectors.list_calls,
        filters=filters.CallFilters,
        row=serializers.CallRow,
        example={
            "id": 90,
            "createdAt": AT,
            "orderId": 51,
            "taskId": 45,
            "campaignId": 1,
            "communicationId": 60,
            "operatorId": 683,
            "phone": MASKED,
            "connectedAt": AT,
            "endedAt": AT,
            "outcome": "CONNECTED",
            "hungUpBy": "CLIENT",
        },
    ),
    Resource(
        name="communications",
        client_label="campaigns.communication",
        title=_("Communications with their results"),
        rows=campaign_selectors.list_communications,
        filters=filters.CommunicationFilters,
        row=serializers.CommunicationRow,
        example={
            "id": 60,
            "campaignId": 1,
            "taskId": 45,
            "operatorId": 683,
            "phone": MASKED,
            "state": "FIXED",
            "startedAt": AT,
            "endedAt": AT,
            "fixedAt": AT,
            "result": "Согласен оформить",
            "meaning": "SUCCESS",
        },
    ),
    Resource(
        name="decisions",
        client_label="campaigns.decision",
        title=_("The ledger of decisions"),
        rows=campaign_selectors.list_decisions,
        filters=filters.DecisionFilters,
        row=serializers.DecisionRow,
        example={
            "id": 300,
            "createdAt": AT,
            "step": "FILTER",
            "verdict": "STOPPED",
            "rule": "AGE",
            "reason": "Возраст 17, нужно от 18",
            "phone": MASKED,
            "sourceKey": "application:17",
            "campaignId": 1,
            "settingsVersion": 3,
        },
    ),
)
