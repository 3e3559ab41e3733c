"""CLIENT_TYPE, DEVICE_OS, LOAN_STATUS, PRODUCT_TYPE, SCORING_RESULT, SEX: filters that look for
one value of the application in a list."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters import types
from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import Words

EMPTY = "empty"  # how a list names the empty value
NO_VALUE = gettext_lazy("“empty” stands for no value.")


class ValueInList(InternalRule):
    """Passes when the value is in the list, whatever the letter case; an empty value only when the
    list holds ``empty``. ``settings`` is the one list."""

    needs_a_setting = True
    field: ClassVar[str]  # of ApplicationFacts

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        (listed,) = self.settings
        wanted = (item.casefold() for item in values.get(listed.key, ()))
        self._wanted = frozenset("" if item == EMPTY else item for item in wanted)

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        value: str = getattr(application, self.field)
        if value.casefold() in self._wanted:
            return None
        if not value:
            return _("%s is not given") % str(self.title)
        return _("%(what)s %(value)s is not taken") % {"what": str(self.title), "value": value}


class ClientType(ValueInList):
    name = "CLIENT_TYPE"
    title = gettext_lazy("client type")
    field = "client_type"
    settings = (
        Words(
            key="client-types",
            label=gettext_lazy("client types"),
            help="",
            known=tuple(types.ClientType.values),
        ),
    )


class DeviceOs(ValueInList):
    name = "DEVICE_OS"
    title = gettext_lazy("device OS")
    field = "device_os"
    settings = (
        Words(
            key="device-oses",
            label=gettext_lazy("device OSes"),
            help=gettext_lazy("E.g. ANDROID, IOS."),
        ),
    )


class LoanStatus(ValueInList):
    name = "LOAN_STATUS"
    title = gettext_lazy("loan status")
    field = "loan_status"
    settings = (
        Words(
            key="loan-statuses",
            label=gettext_lazy("loan statuses"),
            help=NO_VALUE,
            known=(EMPTY, *types.LoanStatus.values),
            synonyms=types.LOAN_STATUS_SYNONYMS,
        ),
    )


class ProductType(ValueInList):
    name = "PRODUCT_TYPE"
    title = gettext_lazy("product")
    field = "product_type"
    settings = (
        Words(
            key="product-types",
            label=gettext_lazy("product types"),
            help=gettext_lazy("E.g. express, consumer, overdraft."),
        ),
    )


class ScoringResult(ValueInList):
    name = "SCORING_RESULT"
    title = gettext_lazy("scoring result")
    field = "scoring_result"
    settings = (
        Words(
            key="scoring-results",
            label=gettext_lazy("scoring results"),
            help=NO_VALUE,
            known=(EMPTY, *types.ScoringResult.values),
        ),
    )


class Sex(ValueInList):
    name = "SEX"
    title = gettext_lazy("sex")
    field = "sex"
    settings = (
        Words(
            key="sexes",
            label=gettext_lazy("sexes"),
            help=NO_VALUE,
            known=(*types.Sex.values, EMPTY),
        ),
    )
