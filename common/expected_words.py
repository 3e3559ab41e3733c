"""What pydantic expected of a value, in words: by the type of its error.

Readers of configuration and of services' answers add the words of their own.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SIMPLE_TYPES: Mapping[str, Any] = {
    "string_type": _("text"),
    "int_type": _("a whole number"),
    "float_type": _("a number"),
    "finite_number": _("a number"),
    "bool_type": _("true or false"),
    "list_type": _("a list"),
}
