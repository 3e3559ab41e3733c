"""SEX: M or F."""

from django.utils.translation import gettext_lazy

from apps.filters import types
from apps.filters.rules.settings import one_of
from apps.filters.rules.value_in_list import EMPTY, ValueInList


class Sex(ValueInList):
    name = "SEX"
    title = gettext_lazy("sex")
    field = "sex"
    key = "sexes"
    keys = {"sexes": one_of((*types.Sex.values, EMPTY))}
    needs_one_of = ("sexes",)
