"""What a token opens, for how long, and how it ends: checkAccess, logout, locks, concurrency."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.security import selectors, services, session_cache, tokens
from apps.security.models import Operator, OperatorAuth
from apps.security.tasks import delete_expired_tokens
from apps.security.types import AccessDeniedError, OperatorLockedError, Role
from common import clock
from testing.factories.security import (
    PASSWORD,
    AdministratorFactory,
    OperatorAuthFactory,
    OperatorFactory,
    SeniorOperatorFactory,
    token_of,
)
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited
from testing.waiting import until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
URL = "/api/security/v1/checkAccess"


def check(client: Client, token: str, **asked: object) -> str:
    answer = client.post(URL, {"token": token, **asked}, content_type="application/json")
    assert answer.status_code == 200
    return str(answer.json()["result"]["code"])


def assert_denied(token: str) -> None:
    with pytest.raises(AccessDeniedError):
        selectors.session_of(token)


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


# --- what a token opens


def test_a_live_token_opens_the_workplace(client: Client) -> None:
    assert check(client, token_of(OperatorFactory.create())) == "OK"


def test_a_refusal_says_so_in_the_sources_words(client: Client) -> None:
    answer = client.post(URL, {"token": "unknown"}, content_type="application/json")

    assert answer.json() == {"result": {"code": "ACCESS_DENIED", "description": "Доступ запрещен"}}


@pytest.mark.parametrize(
    ("factory", "role", "code"),
    [
        (OperatorFactory, Role.OPERATOR, "OK"),
        (OperatorFactory, Role.SENIOR_OPERATOR, "ACCESS_DENIED"),
        (OperatorFactory, Role.ADMINISTRATOR, "ACCESS_DENIED"),
        (SeniorOperatorFactory, Role.OPERATOR, "OK"),
        (SeniorOperatorFactory, Role.SENIOR_OPERATOR, "OK"),
        (SeniorOperatorFactory, Role.ADMINISTRATOR, "ACCESS_DENIED"),
        (AdministratorFactory, Role.ADMINISTRATOR, "OK"),
    ],
)
def test_a_role_opens_what_the_roles_below_it_open(
    client: Client, factory: type[OperatorFactory], role: Role, code: str
) -> None:
    assert check(client, token_of(factory.create()), role=role.value) == code


@pytest.mark.parametrize(
    ("factory", "resource", "code"),
    [
        (OperatorFactory, "arm", "OK"),
        (OperatorFactory, "/api/arm/v1/getClientCard", "OK"),
        (OperatorFactory, "/admin/", "ACCESS_DENIED"),
        (SeniorOperatorFactory, "/admin/", "OK"),
        (AdministratorFactory, "/unheard-of/", "ACCESS_DENIED"),
        (AdministratorFactory, "", "ACCESS_DENIED"),
        # an address that leads elsewhere than its beginning says
        (AdministratorFactory, "arm/../admin", "ACCESS_DENIED"),
        (AdministratorFactory, "/api/arm/v1/../../../admin/", "ACCESS_DENIED"),
        (AdministratorFactory, "arm/%2e%2e/admin", "ACCESS_DENIED"),
        (AdministratorFactory, "arm/%252e%252e/admin", "ACCESS_DENIED"),
        (AdministratorFactory, "arm\\..\\admin", "ACCESS_DENIED"),
        (AdministratorFactory, "./arm", "ACCESS_DENIED"),
        (OperatorFactory, "/api/arm/v1/dictionaries?from=a/../b", "OK"),
    ],
)
def test_a_resource_opens_to_its_lowest_role_and_an_unknown_one_to_nobody(
    client: Client, factory: type[OperatorFactory], resource: str, code: str
) -> None:
    assert check(client, token_of(factory.create()), resource=resource) == code


def test_a_token_that_we_did_not_sign_is_denied_even_when_its_row_exists() -> None:
    operator = OperatorFactory.create()
    forged = jwt.encode(
        {"jti": "1", "sub": str(operator.pk), "iat": clock.now()}, "k" * 64, algorithm="HS512"
    )
    OperatorAuth.objects.create(
        operator=operator,
        token=tokens.digest_of(forged),
        exp_date=clock.now() + timedelta(hours=1),
    )

    assert_denied(forged)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_another_algorithm_is_denied(algorithm: str) -> None:
    key = "" if algorithm == "none" else project.JWT_KEYS[0]
    claims = {"jti": "1", "sub": "1", "iat": clock.now()}

    assert_denied(jwt.encode(claims, key, algorithm=algorithm))


def test_an_unknown_text_is_denied_without_a_query() -> None:
    def act() -> None:
        assert_denied("no token at all")

    assert queries_of(act) == 0


def test_a_warm_token_costs_no_query() -> None:
    token = token_of(OperatorFactory.create())
    selectors.session_of(token)

    assert queries_of(lambda: selectors.session_of(token)) == 0
    assert queries_of(lambda: services.extend(token)) == 0


def test_a_cold_token_costs_one_query() -> None:
    token = token_of(OperatorFactory.create())

    assert queries_of(lambda: selectors.session_of(token)) == 1


def test_a_session_is_the_same_from_the_cache_and_from_the_table() -> None:
    token = token_of(OperatorFactory.create())

    cold, warm = selectors.session_of(token), selectors.session_of(token)

    assert warm == cold


def test_a_value_asked_for_with_the_session_comes_in_the_same_round_trip() -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)
    cache.set(f"extra:{operator.pk}", "news")

    session, value = selectors.session_and_value(token, "extra:")

    assert (session.operator_id, value) == (operator.pk, "news")


# numbers without an end, which JSON has and no operator
ENDLESS = [
    f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.x"
    for claims in (b'{"sub":1e999}', b'{"sub":-1e999}', b'{"sub":Infinity}', b'{"sub":NaN}')
]


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.!.c", "a.W10.c", "a.e30.c", "a.eyJzdWIiOiAieCJ9.c", "а.б.в", *ENDLESS],
)
def test_a_text_that_is_no_token_is_denied_whatever_is_asked_for_with_it(text: str) -> None:
    assert tokens.claimed_operator_id(text) is None
    with pytest.raises(AccessDeniedError):
        selectors.session_and_value(text, "extra:")


def test_a_dead_redis_only_makes_it_slower(settings: Settings) -> None:
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}
    }
    operator = OperatorFactory.create()
    token = token_of(operator)

    assert selectors.session_of(token).operator_id == operator.pk
    services.lock_operators([operator.pk])
    assert_denied(token)


# --- how long


def test_an_expired_token_is_denied_though_the_cache_knows_it() -> None:
    token = token_of(OperatorFactory.create(), timedelta(milliseconds=150))
    selectors.session_of(token)
    expires_at = OperatorAuth.objects.get().exp_date

    until(lambda: clock.now() > expires_at, "the token expires")

    assert_denied(token)


def test_update_expire_moves_the_expiry_on(client: Client) -> None:
    token = token_of(OperatorFactory.create(), timedelta(hours=1))

    assert check(client, token, updateExpire=True) == "OK"

    left = OperatorAuth.objects.get().exp_date - clock.now()
    assert timedelta(hours=7, minutes=59) < left <= timedelta(hours=8)


def test_without_update_expire_the_expiry_stays(client: Client) -> None:
    token = token_of(OperatorFactory.create(), timedelta(hours=1))
    before = OperatorAuth.objects.get().exp_date

    check(client, token)
    check(client, token, updateExpire=False)

    assert OperatorAuth.objects.get().exp_date == before


def test_a_denied_request_moves_nothing(client: Client) -> None:
    token = token_of(OperatorFactory.create(), timedelta(hours=1))
    before = OperatorAuth.objects.get().exp_date

    assert check(client, token, updateExpire=True, resource="/admin/") == "ACCESS_DENIED"
    assert check(client, token, updateExpire=True, role="ADMINISTRATOR") == "ACCESS_DENIED"

    assert OperatorAuth.objects.get().exp_date == before


def test_the_expiry_is_written_once_and_not_with_every_request() -> None:
    token = token_of(OperatorFactory.create(), timedelta(hours=1))
    services.extend(token)

    assert queries_of(lambda: services.extend(token)) == 0


def test_expired_tokens_are_deleted_and_live_ones_kept() -> None:
    live, dead = OperatorFactory.create(), OperatorFactory.create()
    token_of(live)
    token_of(dead, timedelta(seconds=-1))

    delete_expired_tokens()

    assert OperatorAuth.objects.get().operator_id == live.pk


# --- how it ends


def test_logout_ends_the_token_and_twice_is_ok_too(client: Client) -> None:
    token = token_of(OperatorFactory.create())
    selectors.session_of(token)
    url = "/api/security/v1/logout"

    answers = [
        client.post(url, {"token": token}, content_type="application/json") for _ in range(2)
    ]

    assert [answer.json() for answer in answers] == [{"result": {"code": "OK"}}] * 2
    assert not OperatorAuth.objects.exists()
    assert_denied(token)


def test_logout_ends_only_its_own_token() -> None:
    operator = OperatorFactory.create()
    first, second = token_of(operator), token_of(operator)

    assert services.log_out(first) == operator.pk

    assert_denied(first)
    assert selectors.session_of(second).operator_id == operator.pk


def test_a_lock_ends_warm_tokens_and_unlocking_does_not_bring_them_back() -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)
    selectors.session_of(token)

    services.lock_operators([operator.pk])
    assert_denied(token)

    services.unlock_operators([operator.pk])
    assert_denied(token)


def test_a_lock_written_by_hand_is_seen_when_the_cache_is_cold() -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)
    Operator.objects.filter(pk=operator.pk).update(locked=True)

    assert_denied(token)


def test_signed_in_are_those_with_a_live_token_who_are_not_locked() -> None:
    here, gone, locked = OperatorFactory.create_batch(3)
    token_of(here)
    token_of(here)
    token_of(gone, timedelta(seconds=-1))
    token_of(locked)
    Operator.objects.filter(pk=locked.pk).update(locked=True)

    assert selectors.signed_in_operator_ids() == {here.pk}


# --- concurrency


def test_a_slow_reader_cannot_bring_a_revoked_token_back() -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)
    read_before = selectors.session_of(token)
    cache.clear()

    services.lock_operators([operator.pk])
    session_cache.keep(tokens.digest_of(token), read_before)

    assert_denied(token)


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_fills_the_cache_before_the_commit_is_denied_after_it(rivals: Rivals) -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)

    with transaction.atomic():
        services.lock_operators([operator.pk])
        # another machine, that cannot see the uncommitted lock
        seen = rivals.start(lambda: selectors.session_of(token).operator_id)
        assert seen.result(PATIENCE_SECONDS) == operator.pk

    assert_denied(token)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_lock_leaves_the_token_alive() -> None:
    operator = OperatorFactory.create()
    token = token_of(operator)
    selectors.session_of(token)

    with transaction.atomic():
        services.lock_operators([operator.pk])
        transaction.set_rollback(True)

    assert selectors.session_of(token).operator_id == operator.pk


@pytest.mark.django_db(transaction=True)
def test_a_log_in_that_races_a_lock_gets_no_token(rivals: Rivals) -> None:
    operator = OperatorFactory.create()
    request = RequestFactory().post("/")

    with transaction.atomic():
        services.lock_operators([operator.pk])
        outcome = rivals.start(lambda: services.log_in(request, operator.login, PASSWORD))
        wait_until_a_lock_is_awaited()

    with pytest.raises(OperatorLockedError):
        outcome.result(PATIENCE_SECONDS)
    assert not OperatorAuth.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_extension_that_races_a_logout_does_not_keep_the_token_alive(rivals: Rivals) -> None:
    token = token_of(OperatorFactory.create(), timedelta(hours=1))
    selectors.session_of(token)

    with transaction.atomic():
        services.log_out(token)
        outcome = rivals.start(lambda: services.extend(token))
        wait_until_a_lock_is_awaited()

    with pytest.raises(AccessDeniedError):
        outcome.result(PATIENCE_SECONDS)
    assert_denied(token)


def test_an_operator_has_so_many_tokens_and_the_oldest_gives_way(
    client: Client, settings: Settings
) -> None:
    settings.TOKENS_PER_OPERATOR = 3
    operator, other = OperatorFactory.create(), OperatorFactory.create()
    theirs = token_of(other)
    body = {"login": operator.login, "password": PASSWORD}

    issued = [
        client.post("/api/security/v1/login", body, content_type="application/json").json()
        for _ in range(5)
    ]

    alive = [is_alive(answer["data"]["token"]) for answer in issued]
    assert alive == [False, False, True, True, True]
    assert is_alive(theirs)


def test_log_ins_at_the_same_moment_leave_no_token_too_many(
    rivals: Rivals, settings: Settings
) -> None:
    settings.TOKENS_PER_OPERATOR = 2
    operator = OperatorFactory.create()
    body = {"login": operator.login, "password": PASSWORD}

    def log_in() -> int:
        url = "/api/security/v1/login"
        return Client().post(url, body, content_type="application/json").status_code

    answers = [rivals.start(log_in) for _ in range(6)]

    assert {one.result(PATIENCE_SECONDS) for one in answers} == {200}
    assert OperatorAuth.objects.filter(operator=operator).count() == 2


OLD_KEY, NEW_KEY = "o" * 64, "n" * 64


def test_tokens_of_the_old_key_and_of_the_new_one_are_accepted_together(
    client: Client, settings: Settings
) -> None:
    operator = OperatorFactory.create()
    settings.JWT_KEYS = [OLD_KEY]
    before = token_of(operator)
    settings.JWT_KEYS = [NEW_KEY, OLD_KEY]
    after = token_of(operator)
    both = [is_alive(token) for token in (before, after)]

    settings.JWT_KEYS = [NEW_KEY]
    cache.clear()
    in_the_end = [is_alive(token) for token in (before, after)]

    assert jwt.get_unverified_header(after)["kid"] == tokens.key_id(NEW_KEY)
    assert (both, in_the_end) == ([True, True], [False, True])


def test_a_token_of_an_earlier_release_names_no_key_and_is_accepted(settings: Settings) -> None:
    operator = OperatorFactory.create()
    settings.JWT_KEYS = [NEW_KEY, OLD_KEY]
    claims = {"jti": "1", "sub": str(operator.pk), "iat": clock.now()}
    token = jwt.encode(claims, OLD_KEY, algorithm="HS512")
    OperatorAuthFactory.create(operator=operator, token=tokens.digest_of(token))

    assert is_alive(token)


@pytest.mark.parametrize("kid", [tokens.key_id(OLD_KEY), tokens.key_id("x" * 64), "", 7, ["a"]])
def test_a_token_cannot_choose_a_key_that_did_not_sign_it(settings: Settings, kid: Any) -> None:
    operator = OperatorFactory.create()
    settings.JWT_KEYS = [NEW_KEY, OLD_KEY]
    claims = {"jti": "1", "sub": str(operator.pk), "iat": clock.now()}
    token = forged(claims, kid)
    OperatorAuthFactory.create(operator=operator, token=tokens.digest_of(token))

    assert not is_alive(token)


def forged(claims: dict[str, Any], kid: Any) -> str:
    """A token that names the key ``kid`` and is signed with the new one."""
    head, body, _ = jwt.encode(claims, NEW_KEY, algorithm="HS512").split(".")
    header = json.dumps({"alg": "HS512", "typ": "JWT", "kid": kid}).encode()
    head = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    signature = hmac.digest(NEW_KEY.encode(), f"{head}.{body}".encode(), "sha512")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def is_alive(token: str) -> bool:
    try:
        return bool(services.check_access(token))
    except AccessDeniedError:
        return False
