"""Operators and tokens for tests."""

from datetime import timedelta

from factory.declarations import Sequence
from factory.django import DjangoModelFactory, Password

from apps.security import tokens
from apps.security.models import Operator, OperatorAuth
from apps.security.types import Role
from common import clock

PASSWORD = "correct horse battery"


class OperatorFactory(DjangoModelFactory[Operator]):
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


def token_of(operator: Operator, lifetime: timedelta = timedelta(hours=8)) -> str:
    """A token for the operator, as the client has it; its row is made."""
    token = tokens.issue(operator.pk, clock.now())
    OperatorAuth.objects.create(
        operator=operator, token=tokens.digest_of(token), exp_date=clock.now() + lifetime
    )
    return token
