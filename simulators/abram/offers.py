"""What Abram would lend to a client. Amounts are rubles, rates per cent a day."""

from random import Random
from typing import Any

BORROWER_TYPES = {"NEW": 5, "REPEAT": 3, "RELIABLE": 1, "RISKY": 1}
# code, name, the largest amount, rates, terms, unit
CATALOGUE = (
    ("express", "Экспресс-заём", 30_000, (0.5, 0.8), (7, 30), "day"),
    ("consumer", "Потребительский заём", 150_000, (0.3, 0.5), (3, 12), "month"),
    ("overdraft", "Овердрафт", 50_000, (0.4, 0.6), (10, 60), "day"),
    ("webExpress", "Заём онлайн", 20_000, (0.6, 0.8), (5, 21), "day"),
    ("onlineCreditTransfer", "Перевод в кредит", 100_000, (0.3, 0.7), (1, 6), "month"),
    ("securedByCar", "Заём под залог автомобиля", 500_000, (0.1, 0.2), (6, 36), "month"),
)
COUNTS = {0: 5, 1: 20, 2: 35, 3: 25, 4: 15}  # one client in twenty is offered nothing


def make_offers(random: Random) -> dict[str, Any]:
    borrower = random.choices(list(BORROWER_TYPES), list(BORROWER_TYPES.values()))[0]
    count = random.choices(list(COUNTS), list(COUNTS.values()))[0]
    chosen = random.sample(range(len(CATALOGUE)), count)
    return {
        "borrower_type": borrower,
        "products": [_offer(random, index) for index in sorted(chosen)],
    }


def _offer(random: Random, index: int) -> dict[str, Any]:
    code, name, largest, rates, terms, unit = CATALOGUE[index]
    return {
        "code": code,
        "name": name,
        "min_amount": 3_000,
        "max_amount": random.randrange(largest // 3, largest + 1, 1_000),
        "interest_rate": round(random.uniform(*rates), 2),
        "min_term": terms[0],
        "max_term": terms[1],
        "term_unit": unit,
    }
