"""Answers the core, just before a call, whether BlackList still lets the client be called."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from apps.campaigns.types import DueTask
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

    def forbidden(self, tasks: Sequence[DueTask]) -> Mapping[int, str | None]:
        """Task ids that may not be called, each with the reason, in words.

        The reason is None where BlackList gave no answer. Asks a service: must be called outside a
        transaction.
        """
        at = now()
        clients = _clients_of(tasks)
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


def _clients_of(tasks: Sequence[DueTask]) -> dict[int, BlacklistKey]:
    """Task id → whom it calls, with the device of the application that the task was made from."""
    application_ids = {
        task.task_id: key.application_id
        for task in tasks
        if (key := ApplicationKey.parse(task.source_key))
    }
    devices = dict(
        Application.objects.filter(pk__in=application_ids.values()).values_list("pk", "device_id")
    )
    return {
        task.task_id: BlacklistKey(
            task.phone, devices.get(application_ids.get(task.task_id, 0), "")
        )
        for task in tasks
    }


def _clean_since(moment: datetime, clients: Mapping[int, BlacklistKey]) -> set[BlacklistKey]:
    """Clients, at least those of the tasks, that BlackList did not block after this moment."""
    rows = BlacklistCheck.objects.filter(
        phone__in={client.phone for client in clients.values()},
        blocked=False,
        checked_at__gt=moment,
    )
    return {BlacklistKey(*row) for row in rows.values_list("phone", "device_id")}
