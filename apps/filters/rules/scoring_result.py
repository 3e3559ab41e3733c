"""SCORING_RESULT: the result of scoring."""

from django.utils.translation import gettext_lazy

from apps.filters import types
from apps.filters.rules.settings import one_of
from apps.filters.rules.value_in_list import EMPTY, ValueInList


class ScoringResult(ValueInList):
    name = "SCORING_RESULT"
    title = gettext_lazy("scoring result")
    field = "scoring_result"
    key = "scoring-results"
    keys = {"scoring-results": one_of((EMPTY, *types.ScoringResult.values))}
    needs_one_of = ("scoring-results",)
