"""CLIENT_TYPE: pioneer or repeater."""

from django.utils.translation import gettext_lazy

from apps.filters.settings_readers import one_of
from apps.filters.value_in_list import ValueInList


class ClientType(ValueInList):
    name = "CLIENT_TYPE"
    title = gettext_lazy("client type")
    field = "client_type"
    key = "client-types"
    keys = {"client-types": one_of(("pioneer", "repeater"))}
    needs_one_of = ("client-types",)
