"""Base class of the REST APIs' bodies: declared in Python's names, written in the contract's.

A serializer declares its fields in snake_case. Bodies, errors by field and the published schema
have the camelCase name: ``call_phone`` is ``callPhone`` there.

An answer leaves out what is unknown: a field that is not required and whose value is None or an
empty text.
"""

from functools import cache, cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import Field, SkipField


# no docstring: the published schema would give it to every body
class CamelCaseSerializer(serializers.Serializer[Any]):
    default_error_messages: ClassVar = {"invalid": _("Expected a JSON object.")}

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        fields = {}
        for name, field in super().get_fields().items():
            outside = camel_case(name)
            if outside != name and field.source is None:
                field.source = name
            fields[outside] = field
        return fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        body = {}
        for field in self._written:
            try:
                value = field.get_attribute(instance)
            except SkipField:
                continue
            written = None if value is None else field.to_representation(value)
            if field.required or written not in (None, ""):
                body[str(field.field_name)] = written
        return body

    @cached_property
    def _written(self) -> list[Field[Any, Any, Any, Any]]:
        return [field for field in self.fields.values() if not field.write_only]

    @classmethod
    def body_of(cls, value: Any) -> dict[str, Any]:
        """``value`` as this body. It is a record with the declared names or sources as attributes,
        or a mapping with them as keys."""
        return _shared(cls).to_representation(value)


@cache
def _shared(serializer_class: type[CamelCaseSerializer]) -> CamelCaseSerializer:
    """One instance for all answers of a process. Making the fields takes many times as long as
    writing the body, and ``to_representation`` keeps nothing in the instance."""
    return serializer_class()


def camel_case(name: str) -> str:
    """``full_name_ru`` as ``fullNameRu``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
