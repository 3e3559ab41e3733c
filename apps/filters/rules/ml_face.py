"""ML_FACE: Abram's check of the face."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.ml_check import MlCheck


class MlFace(MlCheck):
    name = "ML_FACE"
    title = gettext_lazy("face check")
    check = "FACE"
