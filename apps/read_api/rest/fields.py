"""Fields of the read API's answers. Those about a client's contacts are masked for readers who do
not see them.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.phones import masked


class Contact(serializers.CharField):
    """A text by which a client can be reached or known. It is hidden unless the serializer was
    told, in its context, that the reader sees contacts."""

    def to_representation(self, value: Any) -> str:
        text = super().to_representation(value)
        return text if self.context.get("sees_contacts") else self.hidden(text)

    def hidden(self, text: str) -> str:
        """Nothing of it: the field is left out."""
        return ""


class Phone(Contact):
    """``79131234567``, or masked ``+7 (***) ***-45-67``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"help_text": _("Phone: 79963802789, or masked +7 (***) ***-27-89"), **options}
        )

    def hidden(self, text: str) -> str:
        return masked(text)


class Name(Contact):
    """A name, or masked its first letter: ``И***``."""

    def hidden(self, text: str) -> str:
        return f"{text[:1]}***" if text else ""


class Number(serializers.IntegerField):
    """The number of a row, or a count."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, **options})
