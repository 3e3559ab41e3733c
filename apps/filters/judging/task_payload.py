"""Builds ``client_info``: what a campaign task carries of its application for the client card."""

import json
from typing import Any

from apps.filters.facts import ApplicationFacts, ServiceAnswers
from apps.filters.integrations.casper import known_fields
from apps.filters.person_check import is_another_person
from common.money import kopecks

LARGEST_ANSWER_CHARACTERS = 32_000  # of JSON; a card shows a few dozen deals at most
DEALS = ("applications", "loans")  # Casper's lists of a client's applications and loans


def client_info(facts: ApplicationFacts, answers: ServiceAnswers | None) -> dict[str, Any]:
    """The JSON of a task's ``client_info``; amounts in kopecks, dates ISO, empty values left out.

    Apart from the application's fields it holds what the card needs of the services' answers in the
    judging: ``casper``, the known fields of the client, unless Casper knows the phone as another
    person's; and ``abram``, ``{"borrower_type": "NEW", "products": […]}``.
    """
    fields: dict[str, Any] = {
        "application_number": facts.application_number,
        "stream": facts.stream,
        "created_at": facts.created_at.isoformat(),
        "changed_at": facts.changed_at.isoformat(),
        "application_status": facts.application_status,
        "loan_status": facts.loan_status,
        "client_type": facts.client_type,
        "last_name": facts.last_name,
        "first_name": facts.first_name,
        "middle_name": facts.middle_name,
        "citizenship": facts.citizenship,
        "birth_date": facts.birth_date.isoformat() if facts.birth_date else "",
        "sex": facts.sex,
        "device_os": facts.device_os,
        "device_id": facts.device_id,
        "desired_amount": kopecks(facts.desired_amount),
        "approved_amount": kopecks(facts.approved_amount),
        "product_type": facts.product_type,
        "term": facts.term,
        "term_unit": facts.term_unit,
        "grace": facts.grace,
        "grace_unit": facts.grace_unit,
    }
    known = {name: value for name, value in fields.items() if value not in (None, "")}
    return known | _kept_answers(facts, answers) if answers else known


def _kept_answers(facts: ApplicationFacts, answers: ServiceAnswers) -> dict[str, Any]:
    """What Casper and Abram answered during the judging, each within the size limit."""
    kept: dict[str, Any] = {}
    client = answers.client.client if answers.client else None
    if client is not None and not is_another_person(facts, client):
        kept["casper"] = _shortened(known_fields(client))
    if answers.products:
        products = answers.products
        abram = {"borrower_type": products.borrower_type, "products": list(products.products)}
        if _size(abram) <= LARGEST_ANSWER_CHARACTERS:
            kept["abram"] = abram
    return kept


def _shortened(client: dict[str, Any]) -> dict[str, Any]:
    """The client, with fewer deals if it does not fit. ``shortened`` tells that something was left
    out."""
    if _size(client) <= LARGEST_ANSWER_CHARACTERS:
        return client
    short = client | {"shortened": True}
    for key in DEALS:
        while _size(short) > LARGEST_ANSWER_CHARACTERS and short.get(key):
            short[key] = short[key][: len(short[key]) // 2]  # newest first, so the oldest go
    return short if _size(short) <= LARGEST_ANSWER_CHARACTERS else {"shortened": True}


def _size(value: Any) -> int:
    """Characters of its JSON."""
    return len(json.dumps(value, ensure_ascii=False))
