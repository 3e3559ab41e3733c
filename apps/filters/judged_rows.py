"""Looks up what became of the stored rows of a file, and what a campaign's cascade takes."""

from collections.abc import Iterator
from itertools import islice

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import TaskStanding
from apps.filters.models import Application, Cascade, Verdict
from apps.filters.rule_titles import rule_title
from apps.filters.types import ApplicationKey, JudgedRow

ROWS_AT_ONCE = 2_000


def judged_rows(file_id: int, first_id: int, last_id: int, campaign_id: int) -> Iterator[JudgedRow]:
    """The rows of the file that are stored with ids from ``first_id`` to ``last_id``, in the order
    of their lines where they were stored so. Four queries for ROWS_AT_ONCE."""
    stored = Application.objects.filter(pk__gte=first_id, pk__lte=last_id, file_id=file_id)
    lines = stored.order_by("pk").values_list("pk", "line_number")
    rest = lines.iterator(chunk_size=ROWS_AT_ONCE)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        ids = [key for key, _line in some]
        verdicts = {
            verdict.application_id: verdict
            for verdict in Verdict.objects.filter(application__in=ids, campaign_id=campaign_id)
        }
        keys = [str(ApplicationKey(key)) for key in ids]
        standings = campaigns.task_standings(campaign_id, keys)
        for (key, line), source in zip(some, keys, strict=True):
            yield _row(line, verdicts.get(key), standings.get(source))


def _row(line: int, verdict: Verdict | None, standing: TaskStanding | None) -> JudgedRow:
    return JudgedRow(
        line=line,
        verdict=str(verdict.get_state_display()) if verdict else "",
        rule=rule_title(verdict.rule) if verdict and verdict.rule else "",
        reason=verdict.reason if verdict else "",
        standing=standing,
    )


def taken_statuses(campaign_id: int) -> tuple[str, ...] | None:
    """The application statuses that the campaign's cascade takes, empty for any; None: the campaign
    has no cascade."""
    cascade = Cascade.objects.filter(campaign_id=campaign_id).first()
    return None if cascade is None else tuple(cascade.settings.get("request-statuses", ()))
