"""The form of a cascade: a number for each filter's place, a field for each setting.

The fields come from the settings of the filters themselves, so a new filter is in the form at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.filters.cascade.settings import ENTRY_SETTINGS, ORDER, SETTINGS, read_settings
from apps.filters.models import Cascade
from apps.filters.rules import RULES
from apps.filters.rules.base import InternalRule
from common.configuration import ConfigError, Place

PLACE_PREFIX = "place-"


@dataclass(frozen=True, slots=True)
class Section:
    """A filter as the form shows it: its place in the order and its settings."""

    title: str
    name: str
    asks_service: bool
    place: Any
    fields: tuple[Any, ...]


class CascadeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Cascade
        fields = ("campaign",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = self.instance.settings if self.instance.pk else {}
        order = list(settings.get(ORDER, ()))
        if self.instance.pk:
            self.fields["campaign"].disabled = True
        for name in RULES:
            number = order.index(name) + 1 if name in order else None
            self.fields[PLACE_PREFIX + name] = forms.IntegerField(
                label=_("place in the order"),
                required=False,
                min_value=1,
                max_value=99,
                initial=number,
            )
        for key, setting in SETTINGS.items():
            self.fields[key] = setting.form_field(settings.get(key))

    def clean(self) -> dict[str, Any]:
        """All settings are read together; each mistake is shown at its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        wanted = {**self._typed_settings(cleaned), ORDER: self._order(cleaned)}
        try:
            cleaned["settings"] = read_settings(wanted, Place())
        except ConfigError as error:
            self._show(error)
        return cleaned

    def _typed_settings(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What the person filled in, as the YAML file would hold it."""
        stored = self.instance.settings if self.instance.pk else {}
        typed: dict[str, Any] = {}
        for key, setting in SETTINGS.items():
            value = cleaned.get(key)
            if value is None or value == "":
                continue
            if value is False and key not in stored:
                continue  # false has the same effect as a key that is not set
            try:
                typed[key] = setting.from_form(value)
            except ConfigError as error:
                self.add_error(key, str(error))
        return typed

    def _show(self, error: ConfigError) -> None:
        """A mistake without a field of its own may only follow from a field that was refused."""
        refused = bool(self.errors)
        for mistake in error.mistakes:
            key = str(mistake.path[0]) if mistake.path else ""
            if key in self.fields:
                self.add_error(key, mistake.text)
            elif not refused:
                self.add_error(None, mistake.text)

    def _order(self, cleaned: dict[str, Any]) -> list[str]:
        places = {name: cleaned.get(PLACE_PREFIX + name) for name in RULES}
        chosen = {name: place for name, place in places.items() if place is not None}
        for name, place in chosen.items():
            if list(chosen.values()).count(place) > 1:
                self.add_error(PLACE_PREFIX + name, _("two filters have this place"))
        return sorted(chosen, key=lambda name: chosen[name])

    def entry_fields(self) -> list[Any]:
        """The entry conditions, for the template."""
        return [self[setting.key] for setting in ENTRY_SETTINGS]

    def sections(self) -> Iterator[Section]:
        """The filters: those in use by their place, then the others."""
        stored = self.instance.settings.get(ORDER, ()) if self.instance.pk else ()
        order = [name for name in stored if name in RULES]  # a release may have dropped one
        shown: set[str] = set()
        for name in (*order, *sorted(set(RULES) - set(order))):
            rule = RULES[name]
            keys = [setting.key for setting in rule.settings if setting.key not in shown]
            shown.update(keys)  # ml-skip-error is one setting of four filters
            yield Section(
                title=str(rule.title),
                name=name,
                asks_service=not issubclass(rule, InternalRule),
                place=self[PLACE_PREFIX + name],
                fields=tuple(self[key] for key in keys),
            )
