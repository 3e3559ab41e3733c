"""Asks BlackList, Casper and Abram about applications.

Never called inside a transaction: an answer may take seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.filters.facts import ApplicationFacts, BlacklistAnswer, Question, ServiceAnswers
from apps.filters.integrations import abram, blacklist, casper
from apps.filters.rules import RULES
from apps.filters.rules.ml_checks import PREFIX
from common.service_errors import ContractError, ServiceError


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """An application that a service is asked about. The answer is put into ``answers``.

    ``checks`` are the names of Abram's checks; only ``Question.CHECKS`` uses them.
    """

    application: ApplicationFacts
    answers: ServiceAnswers
    checks: tuple[str, ...] = ()


def ask(
    question: Question, requests: Sequence[ServiceRequest], now: datetime
) -> list[Exception | None]:
    """Ask the question about each application and put what was answered into its ``answers``.

    Returns, in the order of the requests, None where an answer came and else the error. BlackList
    is asked about all of them at once, the other services about one after the other. Whatever is
    raised concerns these requests alone.
    """
    if question is Question.BLACKLIST:
        return _ask_blacklist(requests, now)
    return [_error_of(SENDERS[question], request) for request in requests]


def service_of(question: Question) -> str:
    """Name of the service that answers the question."""
    return SERVICES[question]


def _error_of(send: Callable[[ServiceRequest], None], request: ServiceRequest) -> Exception | None:
    try:
        send(request)
    except Exception as error:  # noqa: BLE001 - the barrier: only this application waits
        return error
    return None


def _ask_blacklist(requests: Sequence[ServiceRequest], now: datetime) -> list[Exception | None]:
    clients = [
        blacklist.BlacklistKey(request.application.phone, request.application.device_id)
        for request in requests
    ]
    found = _search(clients, now)
    errors: list[Exception | None] = []
    for request, client in zip(requests, clients, strict=True):
        answer = found[client]
        if isinstance(answer, ServiceError):
            errors.append(answer)
        else:
            request.answers.blacklist = answer
            errors.append(None)
    return errors


def _search(
    clients: Sequence[blacklist.BlacklistKey], now: datetime
) -> dict[blacklist.BlacklistKey, BlacklistAnswer | ServiceError]:
    """Search for all at once. Where an answer breaks the contract, search for halves of them, down
    to single clients: what BlackList says of one must not make the others wait.

    Goes breadth first, since ten failures in a row open the circuit breaker.
    """
    found: dict[blacklist.BlacklistKey, BlacklistAnswer | ServiceError] = {}
    groups = [list(dict.fromkeys(clients))]
    while groups:
        group = groups.pop(0)
        answers = blacklist.search(group, now)
        found.update(answers)
        if len(group) > 1 and any(isinstance(one, ContractError) for one in answers.values()):
            middle = len(group) // 2
            groups += [group[:middle], group[middle:]]
    return found


def _ask_checks(request: ServiceRequest) -> None:
    """Ask for all checks of the source in one call, and for each that settings name in another, so
    that a name that Abram does not know spoils no other check.
    """
    facts = request.application
    subject = {
        "device_id": facts.device_id or None,
        "phone": facts.phone,
        "face_id": facts.face_id or None,
        "document_series": facts.document_series or None,
        "document_number": facts.document_number or None,
    }
    errors = []
    for checks in _in_calls(request.checks):
        try:
            request.answers.checks.update(abram.check(checks, subject))
        except ServiceError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _in_calls(checks: Sequence[str]) -> list[list[str]]:
    ours = [check for check in checks if PREFIX + check in RULES]
    named = [[check] for check in checks if check not in ours]
    return [ours, *named] if ours else named


def _ask_client(request: ServiceRequest) -> None:
    facts = request.application
    request.answers.client = casper.find_client(
        facts.phone, facts.device_id, facts.document_series, facts.document_number
    )


def _ask_products(request: ServiceRequest) -> None:
    request.answers.products = abram.find_products(features(request.application))


def features(facts: ApplicationFacts) -> dict[str, Any]:
    """What Abram needs to know about a client to find products; empty values are left out.

    Amounts in rubles, dates as ISO text.
    """
    values = {
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
    return {name: value for name, value in values.items() if value not in (None, "")}


SERVICES = {
    Question.BLACKLIST: blacklist.NAME,
    Question.CHECKS: abram.NAME,
    Question.CLIENT: casper.NAME,
    Question.PRODUCTS: abram.NAME,
}
SENDERS: dict[Question, Callable[[ServiceRequest], None]] = {
    Question.CHECKS: _ask_checks,
    Question.CLIENT: _ask_client,
    Question.PRODUCTS: _ask_products,
}


def is_answered(question: Question, answers: ServiceAnswers, check: str) -> bool:
    """True if the answer is there; for ``Question.CHECKS``, the result of this one check."""
    match question:
        case Question.BLACKLIST:
            return answers.blacklist is not None
        case Question.CHECKS:
            return check in answers.checks
        case Question.CLIENT:
            return answers.client is not None
        case Question.PRODUCTS:
            return answers.products is not None
