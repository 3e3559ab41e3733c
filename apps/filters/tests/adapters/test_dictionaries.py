import re

import pytest
from django.db.models import TextChoices

from apps.filters.types import ApplicationStatus, LoanStatus, PeriodUnit


@pytest.mark.parametrize("words", [ApplicationStatus, LoanStatus, PeriodUnit])
def test_operators_read_every_word_in_russian(words: type[TextChoices]) -> None:
    assert [label for label in words.labels if not re.match("[А-Яа-я]", str(label))] == []
