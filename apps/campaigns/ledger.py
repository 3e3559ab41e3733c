"""Writes the ledger of decisions in bulk."""

from collections.abc import Iterable

from django.db import connection

from apps.campaigns.types import NewDecision

COPY_DECISIONS = """
COPY "tm$decisions"
    (step, verdict, rule, reason, phone, source_key, campaign_id, task_id, settings_version)
FROM STDIN
"""


def record_decisions(decisions: Iterable[NewDecision]) -> None:
    """Append the decisions to the ledger, in the caller's transaction: that of what was decided.

    Rows of the ledger are never changed or removed.
    """
    with connection.cursor() as cursor, cursor.copy(COPY_DECISIONS) as copy:
        for decision in decisions:
            copy.write_row(
                (
                    decision.step,
                    decision.verdict,
                    decision.rule,
                    decision.reason,
                    decision.phone,
                    decision.source_key,
                    decision.campaign_id,
                    decision.task_id,
                    decision.settings_version,
                )
            )
