"""The form of a cascade: a number for each filter's place, a field for each setting.

Its fields are made from the filters themselves, so a new filter has its place in the form at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.campaigns.types import ConfigError
from apps.filters.cascade.settings import ENTRY_KEYS, KEYS, read
from apps.filters.models import Cascade
from apps.filters.rules import RULES, client_conditions
from apps.filters.rules.base import InternalRule
from apps.filters.rules.setting_labels import HELP, LABELS
from apps.filters.rules.settings import Place, Reader, amount, flag

ORDER = "filters-order"
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
        for key, reader in KEYS.items():
            if key != ORDER:
                self.fields[key] = _field(key, reader, settings.get(key))

    def clean(self) -> dict[str, Any]:
        """Each setting is read by its own reader; then all of them together."""
        cleaned: dict[str, Any] = super().clean() or {}
        stored = self.instance.settings if self.instance.pk else {}
        wanted: dict[str, Any] = {}
        for key, reader in KEYS.items():
            value = cleaned.get(key)
            if key == ORDER or value is None or value == "":
                continue
            if value is False and key not in stored:
                continue  # off is what holds anyway
            try:
                wanted[key] = reader(_as_written(key, value), Place(key))
            except ConfigError as error:
                self.add_error(key, str(error))
        wanted[ORDER] = self._order(cleaned)
        if not self.errors:
            try:
                cleaned["settings"] = read(wanted, Place(""))
            except ConfigError as error:
                self.add_error(None, str(error))
        return cleaned

    def _order(self, cleaned: dict[str, Any]) -> list[str]:
        places = {name: cleaned.get(PLACE_PREFIX + name) for name in RULES}
        chosen = {name: place for name, place in places.items() if place is not None}
        for name, place in chosen.items():
            if list(chosen.values()).count(place) > 1:
                self.add_error(PLACE_PREFIX + name, _("two filters have this place"))
        return sorted(chosen, key=lambda name: chosen[name])

    def entry_fields(self) -> list[Any]:
        """The entry conditions, for the template."""
        return [self[key] for key in ENTRY_KEYS]

    def sections(self) -> Iterator[Section]:
        """The filters: those in use by their place, then the others."""
        stored = self.instance.settings.get(ORDER, ()) if self.instance.pk else ()
        order = [name for name in stored if name in RULES]  # a release may have taken one out
        shown: set[str] = set()
        for name in (*order, *sorted(set(RULES) - set(order))):
            rule = RULES[name]
            keys = [key for key in rule.keys if key not in shown]
            shown.update(keys)  # ml-skip-error is one setting of four filters
            yield Section(
                title=str(rule.title),
                name=name,
                asks_service=not issubclass(rule, InternalRule),
                place=self[PLACE_PREFIX + name],
                fields=tuple(self[key] for key in keys),
            )


def _field(key: str, reader: Reader, value: Any) -> forms.Field:
    shared = {"label": LABELS.get(key, key), "required": False, "help_text": HELP.get(key, "")}
    if reader is flag:
        return forms.BooleanField(initial=bool(value), **shared)
    if reader is amount:
        return forms.DecimalField(initial=value, min_value=0, **shared)
    if key.startswith(("min-", "max-")) or key == "quiet-days":
        return forms.IntegerField(initial=value, min_value=0, **shared)
    rows = forms.Textarea(attrs={"rows": 3, "cols": 60})
    if reader is client_conditions.read:
        text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=None) if value else ""
        return forms.CharField(initial=_as_sent(text.splitlines()), widget=rows, **shared)
    if key == "phone-templates":
        return forms.CharField(initial=_as_sent(value or ()), widget=rows, **shared)
    wide = forms.TextInput(attrs={"size": 60})
    return forms.CharField(initial=", ".join(value or ()), widget=wide, **shared)


def _as_sent(lines: Iterable[str]) -> str:
    """Lines as a browser sends them, so that a field left alone does not count as changed."""
    return "\r\n".join(lines)


def _as_written(key: str, value: Any) -> Any:
    """What the person typed, as the YAML file would hold it."""
    if key == "phone-templates":
        return value.split()
    if key == "casper-conditions":
        try:
            return yaml.safe_load(value)
        except yaml.YAMLError:
            return value
    if KEYS[key] is amount:
        return int(value) if value == int(value) else float(value)
    return value
