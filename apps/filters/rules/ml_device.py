"""ML_DEVICE: Abram's check of the device."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.ml_check import MlCheck


class MlDevice(MlCheck):
    name = "ML_DEVICE"
    title = gettext_lazy("device check")
    check = "DEVICE"
