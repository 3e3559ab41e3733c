"""DEVICE_OS: the operating system of the device, an open set."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.settings import open_set
from apps.filters.rules.value_in_list import ValueInList


class DeviceOs(ValueInList):
    name = "DEVICE_OS"
    title = gettext_lazy("device OS")
    field = "device_os"
    key = "device-oses"
    keys = {"device-oses": open_set}
    needs_one_of = ("device-oses",)
