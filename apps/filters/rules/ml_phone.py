"""ML_PHONE: Abram's check of the phone."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.ml_check import MlCheck


class MlPhone(MlCheck):
    name = "ML_PHONE"
    title = gettext_lazy("phone check")
    check = "PHONE"
