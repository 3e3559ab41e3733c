"""PRODUCT_TYPE: the product asked for, an open set."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.settings import open_set
from apps.filters.rules.value_in_list import ValueInList


class ProductType(ValueInList):
    name = "PRODUCT_TYPE"
    title = gettext_lazy("product")
    field = "product_type"
    key = "product-types"
    keys = {"product-types": open_set}
    needs_one_of = ("product-types",)
