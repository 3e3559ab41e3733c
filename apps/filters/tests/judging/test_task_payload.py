"""The JSON that a campaign task carries of its application."""

import json

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


def test_an_answer_of_just_the_largest_size_is_kept_and_a_longer_one_is_not() -> None:
    def kept(characters: int) -> bool:
        around = len(json.dumps({"borrower_type": "NEW", "products": [{"code": ""}]}))
        products = ProductsAnswer("NEW", ({"code": "я" * (characters - around)},))
        return "abram" in client_info(facts(), ServiceAnswers(products=products))

    assert kept(LARGEST_ANSWER_CHARACTERS)
    assert not kept(LARGEST_ANSWER_CHARACTERS + 1)


def test_of_too_many_deals_the_first_ones_are_kept() -> None:
    loans = [{**DEAL, "number": f"{number:08}"} for number in range(500)]

    info = client_info(facts(), ServiceAnswers(client=ClientAnswer({"loans": loans})))

    kept = info["casper"]["loans"]
    assert [loan["number"] for loan in kept] == [f"{number:08}" for number in range(len(kept))]
    # half of what is kept too much: twice as many would not fit
    assert len(json.dumps({"loans": loans[: 2 * len(kept)]}, ensure_ascii=False)) > (
        LARGEST_ANSWER_CHARACTERS
    )


def test_of_casper_only_what_the_card_needs_is_kept() -> None:
    client = {
        "full_name_ru": {"first": "Айбек", "last": "Асанов", "nickname": "Боба"},
        "birth_date": "1995-05-12",
        "citizenship": ["KGZ"],
        "phone": "79260040077",
        "segments": ["payroll"],
        "loans": [{**DEAL, "branch": "12", "status": {"code": "received"}}, 5],
        "applications": None,
    }

    info = client_info(facts(), ServiceAnswers(client=ClientAnswer(client)))

    assert info["casper"] == {
        "full_name_ru": {"first": "Айбек", "last": "Асанов"},
        "birth_date": "1995-05-12",
        "loans": [{key: DEAL[key] for key in DEAL if key != "status"}, 5],
    }


def test_nothing_of_another_person_is_kept() -> None:
    client = {"full_name_ru": {"first": "Вера", "last": "Ким"}, "birth_date": "1971-01-01"}

    info = client_info(facts(), ServiceAnswers(client=ClientAnswer(client)))

    assert "casper" not in info
