"""Answers the core, just before a call, whether BlackList still lets the client be called."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from apps.campaigns.types import CallOrder
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, search
from apps.filters.judging.verdict_writer import write_blacklist_checks
from apps.filters.models import Application, BlacklistCheck
from apps.filters.types import ApplicationKey
from common.clock import now
from common.service_errors import ServiceError


class BlacklistGuard:
    """Port ``campaigns.ports.CallGuard``.

    A client whose last answer is fresh and clean may be called. BlackList is asked again about all
    others, whether or not the campaign's cascade asks it.
    """

    def forbidden(self, orders: Sequence[CallOrder]) -> Mapping[int, str | None]:
        """Task ids that may not be called, each with the reason, in words.

        The reason is None where BlackList gave no answer. Asks a service: must be called outside a
        transaction.
        """
        at = now()
        clients = _clients_of(orders)
        fresh = _clean_since(at - timedelta(hours=settings.BLACKLIST_FRESH_HOURS), clients)
        unsure = {task_id: client for task_id, client in clients.items() if client not in fresh}
        found = search(unsure.values(), at)
        answers = {c: answer for c, answer in found.items() if isinstance(answer, BlacklistAnswer)}
        write_blacklist_checks(answers, at)
        forbidden: dict[int, str | None] = {}
        for task_id, client in unsure.items():
            answer = found[client]
            if isinstance(answer, ServiceError):
                forbidden[task_id] = None
            elif answer.blocked:
                forbidden[task_id] = _("is on the blacklist: %s") % (answer.reason or "—")
        return forbidden


def _clients_of(orders: Sequence[CallOrder]) -> dict[int, BlacklistKey]:
    """Task id → whom it calls, with the device of the application that the task was made from."""
    application_ids = {
        order.task_id: key.application_id
        for order in orders
        if (key := ApplicationKey.parse(order.source_key))
    }
    devices = dict(
        Application.objects.filter(pk__in=application_ids.values()).values_list("pk", "device_id")
    )
    return {
        order.task_id: BlacklistKey(
            order.phone, devices.get(application_ids.get(order.task_id, 0), "")
        )
        for order in orders
    }


def _clean_since(moment: datetime, clients: Mapping[int, BlacklistKey]) -> set[BlacklistKey]:
    """Clients, at least those of the orders, that BlackList did not block after this moment."""
    rows = BlacklistCheck.objects.filter(
        phone__in={client.phone for client in clients.values()},
        blocked=False,
        checked_at__gt=moment,
    )
    return {BlacklistKey(*row) for row in rows.values_list("phone", "device_id")}
