"""LOAN_STATUS: the state of the loan."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.settings import one_of
from apps.filters.rules.value_in_list import ValueInList

STATUSES = ("empty", "transferred", "received", "canceled", "repaid")


class LoanStatus(ValueInList):
    name = "LOAN_STATUS"
    title = gettext_lazy("loan status")
    field = "loan_status"
    key = "loan-statuses"
    keys = {"loan-statuses": one_of(STATUSES, {"recieved": "received"})}
    needs_one_of = ("loan-statuses",)
