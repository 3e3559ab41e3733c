"""The form of a cascade: a number for each filter's place, a field for each setting.

The fields come from the settings of the filters themselves, so a new filter is in the form at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.filters.cascade.revisions import author_of, difference
from apps.filters.cascade.settings import ENTRY_SETTINGS, ORDER, SETTINGS, read_settings
from apps.filters.models import Cascade, CascadeRevision
from apps.filters.rules import rules_of
from apps.filters.rules.base import InternalRule, Rule
from apps.filters.rules.ml_checks import ML_CHECKS
from common.configuration import ConfigError, Place

PLACE_PREFIX = "place-"
EDITED_VERSION = "edited-version"  # the hidden field: which version the person began to edit


@dataclass(frozen=True, slots=True)
class Section:
    """A filter as the form shows it: its place in the order and its settings."""

    title: str
    name: str
    asks_service: bool
    place: Any
    fields: tuple[Any, ...]


class CascadeForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form knows the version that the person began to edit. Where another version was saved
    meanwhile, it takes over the other's changes to fields that this person left alone, keeps this
    person's own, and asks to save again.
    """

    class Meta:
        model = Cascade
        fields = ("campaign",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.settings if self.instance.pk else {}
        self._rules = rules_of({ML_CHECKS: self._named_checks(stored)})
        self._meanwhile: list[str] = []
        self.fields |= _setting_fields(stored, self._rules)
        if self.instance.pk:
            self.fields["campaign"].disabled = True
            self.fields[EDITED_VERSION] = forms.IntegerField(
                widget=forms.HiddenInput, initial=self.instance.version
            )
            if self.is_bound:
                self._merge(self._edited_version())

    def _named_checks(self, stored: Mapping[str, Any]) -> list[str]:
        """ML checks of the stored settings, and those that the person names now."""
        typed = self.data.get(ML_CHECKS, "").split(",") if self.is_bound else []
        return [*stored.get(ML_CHECKS, ()), *(name.strip() for name in typed)]

    def _edited_version(self) -> int:
        try:
            return int(self.data.get(EDITED_VERSION, ""))
        except ValueError:
            return int(self.instance.version)  # the field itself says that it is missing

    def _merge(self, edited: int) -> None:
        """Take over what others saved since the version ``edited``, field by field."""
        newer = list(
            self.instance.revisions.filter(version__gt=edited)
            .select_related("author")
            .order_by("version")
        )
        before = self.instance.revisions.filter(version=edited).first()
        if not newer or before is None:
            return
        data: Any = dict(self.data.items())
        both = []
        for name, field in _setting_fields(before.settings, self._rules).items():
            typed = field.widget.value_from_datadict(data, self.files, name)
            theirs = self.fields[name]
            if not field.has_changed(field.initial, typed):
                _put(data, name, theirs)
            elif theirs.has_changed(field.initial, theirs.initial) and theirs.has_changed(
                theirs.initial, typed
            ):
                both.append(name)
        data[EDITED_VERSION] = str(self.instance.version)
        self.data = data
        self._meanwhile = _told(newer, difference(before.settings, self.instance.settings), both)

    def clean(self) -> dict[str, Any]:
        """All settings are read together; each mistake is shown at its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        self._refuse_what_changed_meanwhile()
        wanted = {**self._typed_settings(cleaned), ORDER: self._order(cleaned)}
        try:
            cleaned["settings"] = read_settings(wanted, Place())
        except ConfigError as error:
            self._show(error)
        return cleaned

    def _refuse_what_changed_meanwhile(self) -> None:
        for line in self._meanwhile:
            self.add_error(None, line)
        if not self.instance.pk:
            return
        # locked until the transaction of the page ends: two people cannot both save over a version
        row = Cascade.objects.select_for_update().filter(pk=self.instance.pk)
        newest = row.values_list("version", flat=True).get()
        if not newest == self.instance.version == self._edited_version():
            self.add_error(None, _("Somebody saved this cascade at the same moment. Save again."))

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
        places = {name: cleaned.get(PLACE_PREFIX + name) for name in self._rules}
        chosen = {name: place for name, place in places.items() if place is not None}
        for name, place in chosen.items():
            if list(chosen.values()).count(place) > 1:
                self.add_error(PLACE_PREFIX + name, _("two filters have this place"))
        return sorted(chosen, key=lambda name: chosen[name])

    def edited_version(self) -> Any:
        """The hidden field, for the template; None in the form of a new cascade."""
        return self[EDITED_VERSION] if self.instance.pk else None

    def entry_fields(self) -> list[Any]:
        """The entry conditions, for the template."""
        return [self[setting.key] for setting in ENTRY_SETTINGS]

    def sections(self) -> Iterator[Section]:
        """The filters: those in use by their place, then the others."""
        stored = self.instance.settings.get(ORDER, ()) if self.instance.pk else ()
        # a release may have dropped one
        order = [name for name in stored if name in self._rules]
        shown: set[str] = set()
        for name in (*order, *sorted(set(self._rules) - set(order))):
            rule = self._rules[name]
            keys = [setting.key for setting in rule.settings if setting.key not in shown]
            shown.update(keys)  # ml-skip-error is one setting of several filters
            yield Section(
                title=str(rule.title),
                name=name,
                asks_service=not issubclass(rule, InternalRule),
                place=self[PLACE_PREFIX + name],
                fields=tuple(self[key] for key in keys),
            )


def _setting_fields(
    settings: Mapping[str, Any], rules: Mapping[str, type[Rule]]
) -> dict[str, forms.Field]:
    """A field for the place of each filter, and one for each setting, with the stored values."""
    order = list(settings.get(ORDER, ()))
    places: dict[str, forms.Field] = {
        PLACE_PREFIX + name: forms.IntegerField(
            label=_("place in the order"),
            required=False,
            min_value=1,
            max_value=99,
            initial=order.index(name) + 1 if name in order else None,
        )
        for name in rules
    }
    return places | {key: kind.form_field(settings.get(key)) for key, kind in SETTINGS.items()}


def _put(data: Any, name: str, field: forms.Field) -> None:
    """Put the field's stored value into the sent form, as a browser would have sent it."""
    data.pop(name, None)
    value = field.prepare_value(field.initial)
    if value is True:
        data[name] = "on"
    elif value is not None and value is not False:
        data[name] = str(value)


def _told(
    newer: Sequence[CascadeRevision], changes: Sequence[str], both: Sequence[str]
) -> list[str]:
    """What the person is told of the versions that others saved meanwhile."""
    who = ", ".join(dict.fromkeys(author_of(revision) for revision in newer))
    text = _(
        "While you edited this cascade it was changed by: %(who)s. Nothing of yours is saved yet. "
        "Where you changed nothing, the form now shows what they saved; your own changes are kept. "
        "Look through it and save again."
    )
    lines = [str(text) % {"who": who}, *changes]
    if both:
        kept = _("You both changed: %(fields)s. The form shows your values.")
        lines.append(str(kept) % {"fields": ", ".join(both)})
    return lines
