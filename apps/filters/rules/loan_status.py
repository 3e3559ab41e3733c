"""LOAN_STATUS: the state of the loan."""

from django.utils.translation import gettext_lazy

from apps.filters import types
from apps.filters.rules.settings import one_of
from apps.filters.rules.value_in_list import EMPTY, ValueInList


class LoanStatus(ValueInList):
    name = "LOAN_STATUS"
    title = gettext_lazy("loan status")
    field = "loan_status"
    key = "loan-statuses"
    keys = {"loan-statuses": one_of((EMPTY, *types.LoanStatus.values), types.LOAN_STATUS_SYNONYMS)}
    needs_one_of = ("loan-statuses",)
