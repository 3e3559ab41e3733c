"""BlackList: search, create, update, delete."""

import hashlib
from typing import Any

import pytest

from simulators.tests.under_test import SimulatorsUnderTest
from testing.simulators import Json, unique


def search(sim: SimulatorsUnderTest, query: object) -> list[Json]:
    answer = sim.call("blacklist", "POST", "/api/v2/records/search", json={"query": query})
    assert answer.status_code == 200, answer.text
    records: list[Json] = answer.json()["records"]
    return records


def create(sim: SimulatorsUnderTest, **fields: Any) -> Json:
    answer = sim.call("blacklist", "POST", "/api/v2/records", json=fields)
    assert answer.status_code == 201, answer.text
    record: Json = answer.json()["record"]
    return record


def is_implied(phone: str) -> bool:
    """The rule as it is documented, seed 1."""
    digest = hashlib.sha256(f"1:{phone}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < 0.03


def test_the_seed_blacklists_about_three_phones_in_a_hundred(sim: SimulatorsUnderTest) -> None:
    phones = [f"7913{number:07}" for number in range(3_000)]
    found = search(sim, {"$or": [{"phone": phone} for phone in phones]})
    assert {record["phone"] for record in found} == set(filter(is_implied, phones))
    assert 60 < len(found) < 120


def test_and_and_or_nest(sim: SimulatorsUnderTest) -> None:
    phone, device = f"7999{unique():>07}", f"device-{unique()}"
    record = create(sim, phone=phone, device_id=device, reason="fraud")
    both = {"$and": [{"phone": phone}, {"device_id": device}]}
    assert search(sim, {"$or": [both, {"phone": "70000000000"}]}) == [record]
    assert search(sim, {"phone": phone, "device_id": device}) == [record]
    assert search(sim, {"$and": [{"phone": phone}, {"device_id": "another"}]}) == []


def test_a_record_lives_from_creation_over_change_to_deletion(sim: SimulatorsUnderTest) -> None:
    device = f"device-{unique()}"
    record = create(sim, device_id=device, blocked_until="2030-01-01T00:00:00Z")
    changes = {"id": record["id"], "blocked_until": None, "reason": "court order"}
    answer = sim.call("blacklist", "PUT", "/api/blacklist/", json=changes)
    assert answer.json()["record"] == record | changes
    assert search(sim, {"device_id": device}) == [record | changes]
    deletion = {"id": record["id"]}
    assert sim.call("blacklist", "DELETE", "/api/blacklist/", json=deletion).status_code == 200
    assert search(sim, {"device_id": device}) == []
    assert sim.call("blacklist", "DELETE", "/api/blacklist/", json=deletion).status_code == 404


def test_a_record_of_the_seed_can_be_changed_and_deleted(sim: SimulatorsUnderTest) -> None:
    phone = next(filter(is_implied, (f"7914{number:07}" for number in range(1_000))))
    (record,) = search(sim, {"phone": phone})
    until = "2030-01-01T00:00:00.000Z"
    change = {"id": record["id"], "blocked_until": until}
    sim.call("blacklist", "PUT", "/api/blacklist/", json=change)
    assert search(sim, {"phone": phone}) == [record | {"blocked_until": until}]
    sim.call("blacklist", "DELETE", "/api/blacklist/", params={"id": record["id"]})
    assert search(sim, {"$or": [{"phone": phone}, {"id": record["id"]}]}) == []


@pytest.mark.parametrize(
    "query",
    [
        None,
        {},
        [],
        {"$or": []},
        {"$xor": [{"phone": "79131234567"}]},
        {"name": "Иван"},
        {"phone": 79131234567},
        {"$or": [{"$and": {"phone": "79131234567"}}]},
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(
    sim: SimulatorsUnderTest, query: object
) -> None:
    answer = sim.call("blacklist", "POST", "/api/v2/records/search", json={"query": query})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_QUERY"


@pytest.mark.parametrize("record", [{}, {"phone": 7}, {"phone": "7", "blocked_until": "soon"}])
def test_a_bad_record_is_refused(sim: SimulatorsUnderTest, record: Json) -> None:
    answer = sim.call("blacklist", "POST", "/api/v2/records", json=record)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_RECORD")
