"""SEX: M or F."""

from django.utils.translation import gettext_lazy

from apps.filters.settings_readers import one_of
from apps.filters.value_in_list import ValueInList


class Sex(ValueInList):
    name = "SEX"
    title = gettext_lazy("sex")
    field = "sex"
    key = "sexes"
    keys = {"sexes": one_of(("M", "F", "empty"))}
    needs_one_of = ("sexes",)
