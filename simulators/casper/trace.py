"""A client's digital trace, made from the person, the seed and the fields of the search.

Amounts are rubles, `interest_rate` is per cent a day, times are UTC. Dates are counted back from a
fixed day, so that the same seed gives the same client next year.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from simulators.casper.people import Person
from simulators.clock import to_text

LATEST = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)
APPLICATION_STATUSES = {"created": 3, "registered": 4, "scored": 5, "canceled": 2}
LOAN_STATUSES = {"transferred": 2, "received": 5, "canceled": 1, "repaid": 8}
PRODUCTS = {"express": 6, "consumer": 3, "overdraft": 1, "securedByCar": 1, "webExpress": 2}
RETAIL_CHAINS = ("Связной", "М.Видео", "Эльдорадо", "DNS", "Корона", None, None)
CREDIT_METHODS = ("card", "cash", "transfer", "wallet")
FLOWS = ("mobile", "pos", "web")
RATES = (0.3, 0.5, 0.8)
DOCUMENTS = ("Селфи/ДУЛ", "Паспорт", "Регистрация")
DOCUMENTS_OF_FOREIGNERS = (*DOCUMENTS, "Миграционная карта", "Патент")
FLAWS = (
    ("Плохое качество", "Дождитесь фокусировки камеры и сделайте фото документа"),
    ("Документ обрезан", "Сфотографируйте документ целиком, чтобы были видны все углы"),
    ("Блики на фото", "Уберите вспышку и сделайте фото при дневном свете"),
    ("Истёк срок действия", "Загрузите действующий документ"),
    ("Лицо не распознано", "Снимите головной убор и очки и повторите селфи"),
)

Json = dict[str, Any]


def make_client(random: Random, asked: Json, person: Person) -> Json:
    """The whole client; phone and device of the search come back as they were sent."""
    documents = DOCUMENTS if person.citizenship == "RUS" else DOCUMENTS_OF_FOREIGNERS
    applications = [_application(random, documents) for _ in range(random.randint(1, 4))]
    loans = [_loan(random, documents) for _ in range(random.choice((0, 0, 1, 1, 2, 3)))]
    return {
        "full_name_ru": person.name_ru,
        "full_name_en": person.name_en,
        "citizenship": person.citizenship,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        "document_series": person.document_series,
        "document_number": person.document_number,
        "applications": _newest_first(applications),
        "loans": _newest_first(loans),
        **_unasked_for(random, asked, person),
    }


def _unasked_for(random: Random, asked: Json, person: Person) -> Json:
    """Fields that the application does not need: Casper sends many of them."""
    return {
        "phones": [asked["phone"]] if asked.get("phone") else [],
        "devices": [{"id": asked["device_id"]}] if asked.get("device_id") else [],
        "casper_version": "4.17.2",
        "events_total": random.randint(3, 900),
        "segments": random.sample(("payroll", "transfers", "mobile_top_up", "utilities"), 2),
        "scores": {
            "activity": round(random.random(), 3),
            "age_group": person.birth_date.year // 10 * 10,
        },
    }


def _application(random: Random, documents: Sequence[str]) -> Json:
    status = _weighted(random, APPLICATION_STATUSES)
    is_approved = status == "scored" and random.random() < 0.6
    return _deal(random, status, documents, is_approved=is_approved)


def _loan(random: Random, documents: Sequence[str]) -> Json:
    return _deal(random, _weighted(random, LOAN_STATUSES), documents, is_approved=True)


def _deal(random: Random, status: str, documents: Sequence[str], *, is_approved: bool) -> Json:
    requested = random.randrange(3_000, 150_000, 500)
    started = LATEST - timedelta(minutes=random.randint(60, 60 * 24 * 700))
    ended = started + timedelta(minutes=random.randint(2, 60 * 24 * 30))
    is_daily = random.random() < 0.6
    return {
        "number": str(random.randint(30_000_000, 39_999_999)),
        "status": status,
        "product": _weighted(random, PRODUCTS),
        "requested_amount": requested,
        "approved_amount": round(requested * random.uniform(0.4, 1), -2) if is_approved else None,
        "term": random.choice((7, 14, 21, 30)) if is_daily else random.choice((3, 6, 12)),
        "term_unit": "day" if is_daily else "month",
        "grace": random.choice((0, 3, 7, 15, 25)),
        "grace_unit": "day",
        "device_os": random.choice(("ANDROID", "ANDROID", "IOS", "HARMONY")),
        "flow": random.choice(FLOWS),
        "retail_chain": random.choice(RETAIL_CHAINS),
        "credit_method": random.choice(CREDIT_METHODS),
        "interest_rate": random.choice(RATES),
        "started_at": to_text(started),
        "ended_at": to_text(min(ended, LATEST)),
        "documents": [
            _document(random, name) for name in random.sample(documents, random.randint(1, 3))
        ],
    }


def _document(random: Random, name: str) -> Json:
    """A document; `advice` is there when something is wrong with it, and says what the client
    should do.
    """
    status = random.choices(("OK", "ERROR", "EMPTY"), (6, 3, 1))[0]
    flaws = random.sample(FLAWS, random.randint(1, 2)) if status == "ERROR" else []
    errors = [{"error_description": what, "advice": advice} for what, advice in flaws]
    advice = flaws[0][1] if flaws else None
    return {"name": name, "status": status, "errors": errors, "advice": advice}


def _weighted(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _newest_first(deals: list[Json]) -> list[Json]:
    return sorted(deals, key=lambda deal: str(deal["started_at"]), reverse=True)
