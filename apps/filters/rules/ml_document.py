"""ML_DOCUMENT: Abram's check of the document."""

from django.utils.translation import gettext_lazy

from apps.filters.rules.ml_check import MlCheck


class MlDocument(MlCheck):
    name = "ML_DOCUMENT"
    title = gettext_lazy("document check")
    check = "DOCUMENT"
