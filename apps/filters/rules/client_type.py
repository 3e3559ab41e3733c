"""CLIENT_TYPE: pioneer or repeater."""

from django.utils.translation import gettext_lazy

from apps.filters import types
from apps.filters.rules.settings import one_of
from apps.filters.rules.value_in_list import ValueInList


class ClientType(ValueInList):
    name = "CLIENT_TYPE"
    title = gettext_lazy("client type")
    field = "client_type"
    key = "client-types"
    keys = {"client-types": one_of(types.ClientType.values)}
    needs_one_of = ("client-types",)
