"""What a dry run makes of Casper's answers, of which a task keeps the known fields."""

from typing import Any

import pytest

from apps.filters.facts import ClientAnswer, ClientHistory, ServiceAnswers
from apps.filters.judging.kept_answers import LACKING, KeptAnswers, Outcome
from apps.filters.rules.client_data import ClientData
from testing.factories.filters import NOW, facts

KEPT = {"loans": [{"status": "repaid", "documents": [{"status": "OK"}]}]}


def outcome(**condition: Any) -> Outcome:
    application = facts()
    kept = KeptAnswers({application.id: ServiceAnswers(client=ClientAnswer(KEPT))}, {})
    rule = ClientData({"casper-conditions": [condition]})
    return kept.outcome(rule, application, ClientHistory(NOW, NOW.date()))


@pytest.mark.parametrize("field", ["loans.status", "loans.documents.status", "citizenship"])
def test_a_kept_field_is_judged_by(field: str) -> None:
    assert outcome(field=field, **{"in": ["nowhere"]}) == Outcome(is_known=True)


@pytest.mark.parametrize("field", ["scores.activity", "loans.branch", "segments", "loans.status.x"])
def test_a_field_that_is_not_kept_counts_as_no_answer(field: str) -> None:
    assert outcome(field=field, below=0.1) == LACKING
