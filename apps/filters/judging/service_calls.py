"""Asks the services about the applications that are still in the race, as many at once as allowed.

Never called inside a transaction: an answer may take seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.filters.facts import ApplicationFacts, Question, ServiceAnswers
from apps.filters.integrations import abram, blacklist, casper
from apps.filters.integrations.endpoints import service
from common.service_errors import ServiceError


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One application about which a question is asked, and the checks where it is about those."""

    application: ApplicationFacts
    answers: ServiceAnswers
    checks: tuple[str, ...] = ()


def ask(
    question: Question, asked: Sequence[ServiceRequest], now: datetime
) -> list[ServiceError | None]:
    """Put the answers into ``answers`` of each; an error where none could be had."""
    if question is Question.BLACKLIST:
        return _ask_blacklist(asked, now)
    name, send = SENDERS[question]
    outcome = service(name).call_all(send, asked)
    return [one if isinstance(one, ServiceError) else None for one in outcome]


def _ask_blacklist(asked: Sequence[ServiceRequest], now: datetime) -> list[ServiceError | None]:
    clients = [blacklist.BlacklistKey(a.application.phone, a.application.device_id) for a in asked]
    found = blacklist.search(clients, now)
    errors: list[ServiceError | None] = []
    for one, client in zip(asked, clients, strict=True):
        answer = found[client]
        if isinstance(answer, ServiceError):
            errors.append(answer)
        else:
            one.answers.blacklist = answer
            errors.append(None)
    return errors


def _ask_checks(asked: ServiceRequest) -> None:
    facts = asked.application
    subject = {
        "device_id": facts.device_id or None,
        "phone": facts.phone,
        "face_id": facts.face_id or None,
        "document_series": facts.document_series or None,
        "document_number": facts.document_number or None,
    }
    asked.answers.checks.update(abram.check(asked.checks, subject))


def _ask_client(asked: ServiceRequest) -> None:
    facts = asked.application
    asked.answers.client = casper.find_client(
        facts.phone, facts.device_id, facts.document_series, facts.document_number
    )


def _ask_products(asked: ServiceRequest) -> None:
    asked.answers.products = abram.find_products(features(asked.application))


def features(facts: ApplicationFacts) -> dict[str, Any]:
    """What Abram is told of a client to find products; empty values are left out."""
    told = {
        "phone": facts.phone,
        "device_id": facts.device_id,
        "citizenship": facts.citizenship,
        "birth_date": facts.birth_date.isoformat() if facts.birth_date else None,
        "sex": facts.sex,
        "client_type": facts.client_type,
        "product_type": facts.product_type,
        "desired_amount": float(facts.desired_amount) if facts.desired_amount else None,
        "term": facts.term,
        "term_unit": facts.term_unit,
        "device_os": facts.device_os,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


SENDERS: dict[Question, tuple[str, Callable[[ServiceRequest], None]]] = {
    Question.CHECKS: (abram.NAME, _ask_checks),
    Question.CLIENT: (casper.NAME, _ask_client),
    Question.PRODUCTS: (abram.NAME, _ask_products),
}


def is_answered(question: Question, answers: ServiceAnswers, check: str) -> bool:
    match question:
        case Question.BLACKLIST:
            return answers.blacklist is not None
        case Question.CHECKS:
            return check in answers.checks
        case Question.CLIENT:
            return answers.client is not None
        case Question.PRODUCTS:
            return answers.products is not None
