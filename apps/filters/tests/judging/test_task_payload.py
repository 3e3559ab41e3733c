"""The JSON that a campaign task carries of its application."""

from apps.filters.facts import ClientAnswer, ProductsAnswer, ServiceAnswers
from apps.filters.judging.task_payload import LARGEST_ANSWER_CHARACTERS, client_info
from apps.filters.tests.answers import DEAL
from testing.factories.filters import facts


def test_answers_are_kept_with_the_task_within_a_size_limit() -> None:
    client = {"loans": [DEAL] * 500, "trace": "x" * LARGEST_ANSWER_CHARACTERS, "citizenship": "KGZ"}
    answers = ServiceAnswers(
        client=ClientAnswer(client), products=ProductsAnswer("NEW", ({"code": "express"},))
    )

    info = client_info(facts(), answers)

    assert len(str(info["casper"])) < 1.2 * LARGEST_ANSWER_CHARACTERS
    assert info["casper"]["shortened"] is True
    assert 0 < len(info["casper"]["loans"]) < 500
    assert info["abram"]["products"] == [{"code": "express"}]


def test_an_answer_within_the_limit_is_kept_with_its_unknown_fields() -> None:
    client = {"citizenship": "KGZ", "segments": ["payroll"]}

    info = client_info(facts(), ServiceAnswers(client=ClientAnswer(client)))

    assert info["casper"] == client
