"""The facts of an application are columns of its row, with the types that the columns have."""

from datetime import date, datetime
from decimal import Decimal
from typing import get_type_hints

import pytest
from django.db import models

from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.models import Application

TYPES = {
    models.BigAutoField: int,
    models.IntegerField: int,
    models.CharField: str,
    models.DateTimeField: datetime,
    models.DateField: date,
    models.DecimalField: Decimal,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_fact_has_the_type_of_its_column(name: str) -> None:
    column = Application._meta.get_field(name)
    stored = TYPES[type(column)]

    assert get_type_hints(ApplicationFacts)[name] == (stored | None if column.null else stored)
