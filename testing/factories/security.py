"""Operators and their tokens."""

from datetime import timedelta

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory, Password

from apps.security import tokens
from apps.security.models import Operator, OperatorAuth
from apps.security.types import Role
from common import clock

PASSWORD = "correct horse battery"


class OperatorFactory(DjangoModelFactory[Operator]):
    """An operator who can log in with `PASSWORD`."""

    class Meta:
        model = Operator
        skip_postgeneration_save = True

    login = Sequence(lambda number: f"operator-{number}")
    first_name = "Анна"
    last_name = Sequence(lambda number: f"Иванова-{number}")
    password = Password(PASSWORD)


class SeniorOperatorFactory(OperatorFactory):
    role = Role.SENIOR_OPERATOR.value


class AdministratorFactory(OperatorFactory):
    role = Role.ADMINISTRATOR.value


class OperatorAuthFactory(DjangoModelFactory[OperatorAuth]):
    """The row of a token that nobody holds. `token_of` makes a row together with its token."""

    class Meta:
        model = OperatorAuth

    operator = SubFactory(OperatorFactory)
    token = Sequence(lambda number: f"digest-{number}")
    exp_date = LazyFunction(lambda: clock.now() + timedelta(hours=8))


def token_of(operator: Operator, lifetime: timedelta = timedelta(hours=8)) -> str:
    """Issue a token to the operator and return it as the client receives it."""
    token = tokens.issue(operator.pk, clock.now())
    OperatorAuthFactory.create(
        operator=operator, token=tokens.digest_of(token), exp_date=clock.now() + lifetime
    )
    return token
