"""Each filter at its edges. Rules are pure: facts in, a reason out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from apps.filters.cascade.compiled_cascade import build
from apps.filters.facts import (
    BlacklistAnswer,
    ClientAnswer,
    ClientHistory,
    ProductsAnswer,
    ServiceAnswers,
)
from apps.filters.rules import RULES
from apps.filters.rules.base import InternalRule, ServiceRule
from apps.filters.rules.client_data import ClientData
from common.service_errors import ContractError
from testing.factories.filters import NOW, facts

TODAY = date(2026, 11, 20)
KNOWN = ClientHistory(NOW, TODAY)
TABLE = {
    "RESIDENCE", "AGE", "GRACE", "CLIENT_TYPE", "PRODUCT_TYPE", "LOAN_STATUS", "SCORING_RESULT",
    "SEX", "DEVICE_OS", "AMOUNT", "TERM", "COMMUNICATION_HISTORY", "PHONE_BLACK_LIST", "ML_DEVICE",
    "ML_PHONE", "ML_FACE", "ML_DOCUMENT", "CLIENT_DATA", "AVAILABLE_PRODUCTS",
}  # fmt: skip


def passes(
    name: str, settings: dict[str, Any], known: ClientHistory | None = None, **application: Any
) -> bool:
    rule = RULES[name](settings)
    assert isinstance(rule, InternalRule)
    return rule.stops(facts(**application), known or KNOWN) is None


def passes_with(name: str, settings: dict[str, Any], **answers: Any) -> bool:
    rule = RULES[name](settings)
    assert isinstance(rule, ServiceRule)
    return rule.stops(facts(), ServiceAnswers(**answers), KNOWN) is None


def test_every_filter_of_the_specification_is_found_by_its_file() -> None:
    assert set(RULES) == TABLE


@pytest.mark.parametrize(
    ("citizenship", "required", "passing"),
    [("KGZ", False, True), ("BLR", False, False), ("", False, True), ("", True, False)],
)
def test_residence(citizenship: str, required: bool, passing: bool) -> None:
    settings = {
        "citizenship-unavailable-countries": ["BLR", "UKR"],
        "citizenship-required": required,
    }
    assert passes("RESIDENCE", settings, citizenship=citizenship) is passing


@pytest.mark.parametrize(
    ("born", "passing"),
    [
        (date(2008, 11, 20), True),  # the 18th birthday is today
        (date(2008, 11, 21), False),
        (date(1986, 11, 20), True),  # 40 today
        (date(1985, 11, 21), True),  # 41 tomorrow
        (date(1985, 11, 20), False),
        (None, True),
    ],
)
def test_age(born: date | None, passing: bool) -> None:
    assert passes("AGE", {"min-age": 18, "max-age": 40}, birth_date=born) is passing


def test_age_that_is_required_stops_whoever_has_no_date_of_birth() -> None:
    assert not passes("AGE", {"age-required": True}, birth_date=None)


@pytest.mark.parametrize("name", ["GRACE", "TERM"])
@pytest.mark.parametrize(
    ("count", "unit", "passing"),
    [
        (30, "day", True),
        (1, "month", True),  # is 30 days
        (29, "day", False),
        (2, "month", True),
        (61, "day", False),
        (30, "", True),
        (None, "", False),
    ],
)
def test_periods_are_compared_in_days(
    name: str, count: int | None, unit: str, passing: bool
) -> None:
    field = name.lower()
    settings = {f"min-{field}": 30, f"max-{field}": 60}
    assert passes(name, settings, None, **{field: count, f"{field}_unit": unit}) is passing


@pytest.mark.parametrize(
    ("approved", "desired", "passing"),
    [
        (None, Decimal("5000.00"), True),
        (None, Decimal("4999.99"), False),
        (Decimal(5000), Decimal(1), True),
        (Decimal(1), Decimal(5000), False),
        (None, None, False),
    ],
)
def test_amount_is_the_approved_one_else_the_desired(
    approved: Decimal | None, desired: Decimal | None, passing: bool
) -> None:
    application = {"approved_amount": approved, "desired_amount": desired}
    assert (
        passes("AMOUNT", {"min-amount": 5000, "max-amount": 9000}, None, **application) is passing
    )


@pytest.mark.parametrize("amount", ["0.10", "99.10", "1000000000.29"])
def test_both_bounds_of_an_amount_are_included_to_the_kopeck(amount: str) -> None:
    bound = float(amount)  # as YAML reads it and JSON keeps it
    application = {"approved_amount": Decimal(amount)}

    assert passes("AMOUNT", {"min-amount": bound, "max-amount": bound}, None, **application)


@pytest.mark.parametrize(
    ("name", "key", "field", "listed", "value", "passing"),
    [
        ("CLIENT_TYPE", "client-types", "client_type", ["pioneer"], "pioneer", True),
        ("CLIENT_TYPE", "client-types", "client_type", ["pioneer"], "repeater", False),
        ("PRODUCT_TYPE", "product-types", "product_type", ["securedbycar"], "securedByCar", True),
        ("PRODUCT_TYPE", "product-types", "product_type", ["express"], "", False),
        ("LOAN_STATUS", "loan-statuses", "loan_status", ["empty", "repaid"], "", True),
        ("LOAN_STATUS", "loan-statuses", "loan_status", ["empty", "repaid"], "received", False),
        ("SCORING_RESULT", "scoring-results", "scoring_result", ["approved"], "rejected", False),
        ("SCORING_RESULT", "scoring-results", "scoring_result", ["approved"], "approved", True),
        ("SEX", "sexes", "sex", ["F"], "M", False),
        ("SEX", "sexes", "sex", ["F"], "F", True),
        ("DEVICE_OS", "device-oses", "device_os", ["android"], "ANDROID", True),
        ("DEVICE_OS", "device-oses", "device_os", ["android"], "IOS", False),
    ],
)
def test_lists(
    name: str, key: str, field: str, listed: list[str], value: str, passing: bool
) -> None:
    assert passes(name, {key: listed}, None, **{field: value}) is passing


@pytest.mark.parametrize(
    ("ago", "passing"),
    [(timedelta(days=7), True), (timedelta(days=7) - timedelta(seconds=1), False), (None, True)],
)
def test_communication_history_keeps_quiet_days(ago: timedelta | None, passing: bool) -> None:
    phone = "79131234567"
    called = {phone: NOW - ago} if ago else {}
    known = ClientHistory(NOW, TODAY, last_called_at=called)
    assert passes("COMMUNICATION_HISTORY", {"quiet-days": 7}, known, phone=phone) is passing


def test_communication_history_stops_who_refused_for_good() -> None:
    known = ClientHistory(NOW, TODAY, refused_phones=frozenset({"79131234567"}))
    assert not passes("COMMUNICATION_HISTORY", {"quiet-days": 0}, known, phone="79131234567")


def test_blacklist_stops_whom_a_live_record_names() -> None:
    assert passes_with("PHONE_BLACK_LIST", {}, blacklist=BlacklistAnswer(blocked=False))
    assert not passes_with("PHONE_BLACK_LIST", {}, blacklist=BlacklistAnswer(blocked=True))


@pytest.mark.parametrize("check", ["DEVICE", "PHONE", "FACE", "DOCUMENT"])
@pytest.mark.parametrize(
    ("result", "skip", "passing"),
    [
        ("PASSED", False, True),
        ("FAILED", True, False),
        ("ERROR", False, False),
        ("ERROR", True, True),
    ],
)
def test_ml_checks(check: str, result: str, skip: bool, passing: bool) -> None:
    settings = {"ml-skip-error": skip}
    assert passes_with(f"ML_{check}", settings, checks={check: result}) is passing


def test_a_check_that_the_settings_name_is_a_filter_without_a_class() -> None:
    order = ["ML_INCOME", "ML_DEVICE"]
    settings = {"data-streams": ["A"], "ml-checks": ["INCOME"], "filters-order": order}
    cascade = build(1, 1, settings)

    assert cascade.order()[2:] == tuple(order)
    assert cascade.checks() == ("INCOME", "DEVICE")
    income = cascade.service_rules[0]
    for result, passing in (("PASSED", True), ("FAILED", False), ("ERROR", False)):
        answers = ServiceAnswers(checks={"INCOME": result})
        assert (income.stops(facts(), answers, KNOWN) is None) is passing


@pytest.mark.parametrize(
    "more",
    [
        {"filters-order": ["ML_INCOME"]},
        {"filters-order": ["ML_INCOME"], "ml-checks": ["INCOMES"]},
        {"ml-checks": ["income"]},
        {"ml-checks": ["A" * 40]},
    ],
)
def test_a_check_that_no_setting_names_is_refused(more: dict[str, Any]) -> None:
    assert build(1, 1, {"data-streams": ["A"], **more}).flaw


LOANS = {"loans": [{"status": "repaid"}, {"status": "overdue"}], "scores": {"activity": 0.2}}


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        ({"field": "loans.status", "in": ["overdue"]}, False),
        ({"field": "loans.status", "in": ["sold"]}, True),
        ({"field": "loans.status", "not-in": ["repaid"]}, False),
        ({"field": "loans.status", "not-in": ["repaid", "overdue"]}, True),
        ({"field": "loans.status", "count": "repaid", "above": 0}, False),
        ({"field": "loans.status", "count": "repaid", "above": 1}, True),
        ({"field": "loans.status", "count": "sold", "below": 1}, False),
        ({"field": "scores.activity", "below": 0.3}, False),
        ({"field": "scores.activity", "above": 0.2}, True),
        ({"field": "nobody.knows", "in": ["x"]}, True),
    ],
)
def test_client_data(condition: dict[str, Any], passing: bool) -> None:
    settings = {"casper-conditions": [condition]}
    assert passes_with("CLIENT_DATA", settings, client=ClientAnswer(LOANS)) is passing


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ({"in": ["overdue"]}, "OVERDUE"),
        ({"in": ["Просрочен"]}, "ПРОСРОЧЕН"),
        ({"not-in": ["repaid"]}, "overdue"),
        ({"count": "overdue", "above": 0}, "Overdue"),
        ({"below": 0.3}, 0.29),
        ({"above": 100}, 100.01),
    ],
)
def test_words_of_casper_are_compared_without_case_and_numbers_as_decimals(
    condition: dict[str, Any], value: Any
) -> None:
    settings = {"casper-conditions": [{"field": "a.b", **condition}]}

    assert not passes_with("CLIENT_DATA", settings, client=ClientAnswer({"a": [{"b": value}]}))


@pytest.mark.parametrize(("bound", "value"), [("below", 0.1), ("above", 0.1), ("above", 10**20)])
def test_a_number_of_casper_that_equals_the_bound_is_allowed(bound: str, value: float) -> None:
    settings = {"casper-conditions": [{"field": "a", bound: value}]}

    assert passes_with("CLIENT_DATA", settings, client=ClientAnswer({"a": value}))


@pytest.mark.parametrize(
    ("condition", "client"),
    [
        ({"below": 1}, {"a": {"b": "0.5"}}),
        ({"above": 1}, {"a": {"b": "many"}}),
        ({"above": 0}, {"a": {"b": True}}),
        ({"in": ["x"]}, {"a": {"b": {"x": 1}}}),
        ({"count": "x", "above": 0}, {"a": [{"b": {}}]}),
        ({"in": ["x"]}, {"a": "x"}),
    ],
)
def test_a_value_of_another_type_breaks_casper_s_contract_and_is_no_pass(
    condition: dict[str, Any], client: dict[str, Any]
) -> None:
    settings = {"casper-conditions": [{"field": "a.b", **condition}]}

    with pytest.raises(ContractError, match=r"a\.b"):
        passes_with("CLIENT_DATA", settings, client=ClientAnswer(client))


def test_client_data_of_somebody_whom_casper_does_not_know_forbid_nothing() -> None:
    settings = {"casper-conditions": [{"field": "loans.status", "in": ["overdue"]}]}
    assert passes_with("CLIENT_DATA", settings, client=ClientAnswer(None))


ANOTHER_PERSON = {"full_name_ru": {"last": "Ким", "first": "Вера"}, "birth_date": "1971-01-01"}


def test_nobody_is_stopped_for_the_loans_of_another_person() -> None:
    rule = ClientData({"casper-conditions": [{"field": "loans.status", "in": ["overdue"]}]})
    answers = ServiceAnswers(client=ClientAnswer(LOANS | ANOTHER_PERSON))

    assert rule.stops(facts(), answers, KNOWN) is None
    with override("ru"):
        remark = rule.remark(facts(), answers)
    assert remark == "данные клиента не проверялись: Casper знает этот номер за другим человеком"


@pytest.mark.parametrize("client", [None, {"loans": [{"status": "repaid"}]}])
def test_a_pass_by_the_clients_own_data_is_not_remarked_on(client: dict[str, Any] | None) -> None:
    rule = ClientData({"casper-conditions": [{"field": "loans.status", "in": ["overdue"]}]})

    assert rule.remark(facts(), ServiceAnswers(client=ClientAnswer(client))) == ""


@pytest.mark.parametrize(
    ("offered", "wanted", "passing"),
    [
        ((), [], False),
        (("express",), [], True),
        (("express",), ["consumer"], False),
        (("express", "consumer"), ["Consumer"], True),
    ],
)
def test_available_products(offered: tuple[str, ...], wanted: list[str], passing: bool) -> None:
    answer = ProductsAnswer("NEW", tuple({"code": code} for code in offered))
    assert passes_with("AVAILABLE_PRODUCTS", {"products": wanted}, products=answer) is passing


@pytest.mark.parametrize(
    ("phone", "passing"),
    [("79131243210", True), ("79131233210", True), ("79131253210", False)],
)
def test_the_whole_number_must_match_a_mask(phone: str, passing: bool) -> None:
    settings = {
        "data-streams": ["MOBILE_LOANS"],
        "phone-templates": [r"7\d{5}4\d{4}", r"7\d{5}3\d{4}"],
    }
    refusal = build(1, 1, settings).first_stop(facts(phone=phone), KNOWN)
    assert (refusal is None) is passing


@pytest.mark.parametrize("mask", [r"7913", r"7\d{5}", r"7913|7914"])
def test_a_mask_that_matches_a_prefix_only_does_not_match(mask: str) -> None:
    settings = {"data-streams": ["MOBILE_LOANS"], "phone-templates": [mask]}
    refusal = build(1, 1, settings).first_stop(facts(phone="79131234567"), KNOWN)
    assert refusal is not None
    assert refusal.rule == "PHONE_TEMPLATE"


def test_the_first_filter_in_the_order_that_is_not_passed_gives_the_reason() -> None:
    young = facts(birth_date=TODAY, citizenship="BLR")
    base = {
        "data-streams": ["MOBILE_LOANS"],
        "min-age": 18,
        "citizenship-unavailable-countries": ["BLR"],
    }
    for order in (["AGE", "RESIDENCE"], ["RESIDENCE", "AGE"]):
        refusal = build(1, 1, {**base, "filters-order": order}).first_stop(young, KNOWN)
        assert refusal is not None
        assert refusal.rule == order[0]


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "возраст 0 меньше 18"), ("en", "age 0 is below 18")]
)
def test_a_reason_is_told_in_the_language_of_the_system(language: str, words: str) -> None:
    rule = RULES["AGE"]({"min-age": 18})
    assert isinstance(rule, InternalRule)
    with override(language):
        assert rule.stops(facts(birth_date=TODAY), KNOWN) == words
