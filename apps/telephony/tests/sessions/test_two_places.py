"""An operator who logs in at one place and out at another, at the same moment."""

from collections.abc import Callable

import pytest
from django.test import RequestFactory

from apps.arm import services
from apps.security.models import Operator, OperatorAuth
from apps.telephony.models import MightyCallActiveOperator
from apps.telephony.sessions.operator_sessions import (
    MightyCallSessions,
    close_sessions_of_absent,
    open_sessions_of_present,
)
from testing.factories.security import PASSWORD, OperatorFactory, token_of
from testing.interleaving import Interleaving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("cold_cache")]

PLACES_TO_HALT = 9


@pytest.fixture
def operator() -> Operator:
    return OperatorFactory.create()


def is_on_line(operator: Operator) -> bool:
    return MightyCallActiveOperator.objects.filter(operator=operator).exists()


def log_in(operator: Operator) -> None:
    services.log_in(RequestFactory().post("/api/arm/v1/login"), operator.login, PASSWORD)


def log_out(token: str) -> Callable[[], None]:
    return lambda: services.log_out(token)


@pytest.mark.parametrize("log_in_is_first", [True, False])
def test_a_log_in_beside_a_log_out_leaves_the_operator_on_line(
    operator: Operator, interleaving: Interleaving, log_in_is_first: bool
) -> None:
    meetings = 0
    for after in range(1, PLACES_TO_HALT):
        MightyCallSessions().open_session(operator.pk)
        leave = log_out(token_of(operator))
        acts = (
            (lambda: log_in(operator), leave)
            if log_in_is_first
            else (leave, lambda: log_in(operator))
        )

        meetings += interleaving.halted(*acts, after)

        assert is_on_line(operator), after
        assert OperatorAuth.objects.count() == 1
        OperatorAuth.objects.all().delete()
    assert meetings > 1


def test_two_log_outs_of_the_last_two_tokens_take_the_operator_off_line(
    operator: Operator, interleaving: Interleaving
) -> None:
    meetings = 0
    for after in range(1, PLACES_TO_HALT):
        MightyCallSessions().open_session(operator.pk)
        first, second = log_out(token_of(operator)), log_out(token_of(operator))

        meetings += interleaving.halted(first, second, after)

        assert not is_on_line(operator), after
    assert meetings > 1


def test_what_a_killed_log_in_or_log_out_left_is_healed_by_the_sweeps(operator: Operator) -> None:
    """A process dies between the token and the session."""
    token = token_of(operator)
    open_sessions_of_present()
    opened = is_on_line(operator)
    OperatorAuth.objects.all().delete()

    close_sessions_of_absent()

    assert token
    assert (opened, is_on_line(operator)) == (True, False)
