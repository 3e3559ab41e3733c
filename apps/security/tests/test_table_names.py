"""The ORM reaches tables with a dollar in their names, and lets no other dollar through."""

import pytest
from django.db.models import Count, Exists, FilteredRelation, OuterRef

from apps.security.models import Operator, OperatorAuth
from testing.factories.security import OperatorFactory, token_of

pytestmark = pytest.mark.django_db


def test_joins_subqueries_and_aggregates_reach_the_tables() -> None:
    operator = OperatorFactory.create()
    token_of(operator)
    own = OperatorAuth.objects.filter(operator=OuterRef("pk"), operator__locked=False)

    found = Operator.objects.filter(Exists(own)).annotate(tokens=Count("auths"))

    assert [(one.pk, one.tokens) for one in found] == [(operator.pk, 1)]
    assert OperatorAuth.objects.filter(operator__login=operator.login).count() == 1


@pytest.mark.parametrize("alias", ["a$b", "tm$1", "$1"])
def test_an_alias_with_a_dollar_is_still_refused(alias: str) -> None:
    related = Operator.objects.annotate(**{alias: FilteredRelation("auths")})

    with pytest.raises(ValueError, match="Dollar signs are not permitted"):
        list(related.filter(**{f"{alias}__exp_date__isnull": False}))
