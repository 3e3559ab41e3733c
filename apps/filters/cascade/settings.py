"""The settings of a cascade: which keys there are, and how a mapping of them is read."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import (
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
    model_validator,
)

from apps.filters.cascade.phone_masks import PhoneMasks
from apps.filters.rules import RULES, rules_of
from apps.filters.rules.settings import Number, Setting, StreamName, Word, Words, list_of
from apps.filters.types import ApplicationStatus
from common.configuration import Configured, Place, read, wrong

ORDER = "filters-order"

ENTRY_SETTINGS: tuple[Setting, ...] = (
    Words(
        key="data-streams",
        label=gettext_lazy("data streams"),
        help=gettext_lazy("Streams of the campaign, separated by commas, e.g. MOBILE_LOANS."),
        word=StreamName,
        is_required=True,
    ),
    Words(
        key="request-statuses",
        label=gettext_lazy("application statuses"),
        help=gettext_lazy("Empty: any."),
        known=tuple(ApplicationStatus.values),
    ),
    PhoneMasks(
        key="phone-templates",
        label=gettext_lazy("masks of the number"),
        help=gettext_lazy("A mask a line; the whole number must match one. Empty: any number."),
    ),
)
# every key but ``filters-order``, which is no single field of the form
SETTINGS: Mapping[str, Setting] = {
    setting.key: setting
    for setting in (*ENTRY_SETTINGS, *(each for rule in RULES.values() for each in rule.settings))
}


class _Cascade(Configured):
    """What holds between the settings of a cascade."""

    @model_validator(mode="after")
    def _minimum_is_not_above_maximum(self) -> "_Cascade":
        values = stored(self)
        for key, setting in SETTINGS.items():
            upper = setting.not_above if isinstance(setting, Number) else ""
            if key in values and upper in values and values[key] > values[upper]:
                words = {"key": upper, "bound": values[upper]}
                expected = _("at most %(key)s, which is %(bound)s") % words
                raise wrong(expected, values[key], at=(key,))
        return self

    @model_validator(mode="after")
    def _filters_are_known(self) -> "_Cascade":
        values = stored(self)
        known = rules_of(values)
        for number, name in enumerate(values.get(ORDER, ())):
            if name not in known:
                raise wrong(_("one of %s") % ", ".join(sorted(known)), name, at=(ORDER, number))
        return self

    @model_validator(mode="after")
    def _filters_have_settings(self) -> "_Cascade":
        values = stored(self)
        known = rules_of(values)
        for name in values.get(ORDER, ()):
            rule = known[name]
            keys = [setting.key for setting in rule.settings]
            if rule.needs_a_setting and not any(key in values for key in keys):
                expected = _("together with it one of %s") % ", ".join(keys)
                raise wrong(expected, name, at=(ORDER,))
        return self


def stored(cascade: Configured) -> dict[str, Any]:
    """The settings that are set, in the form in which the database keeps them."""
    return cascade.model_dump(by_alias=True, exclude_unset=True)


def _model() -> type[_Cascade]:
    """A model with a field for each key: entry conditions, order of the filters, filters."""
    fields = {setting.key: _field(setting) for setting in ENTRY_SETTINGS}
    fields[ORDER] = (Annotated[list_of(Word), WrapValidator(_no_filters_or)], None)
    fields |= {key: _field(setting) for key, setting in SETTINGS.items()}
    named: dict[str, Any] = {key.replace("-", "_"): field for key, field in fields.items()}
    return create_model("CascadeSettings", __base__=_Cascade, **named)


def _field(setting: Setting) -> tuple[Any, Any]:
    return (setting.value_type, ... if setting.is_required else None)


def _no_filters_or(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    return [] if value in ([], None) else validate(value)


CascadeSettings = _model()
KEYS = tuple(field.alias or name for name, field in CascadeSettings.model_fields.items())


def read_settings(value: Any, place: Place) -> dict[str, Any]:
    """The settings in their stored form. Raises ConfigError, which names every mistake."""
    return {ORDER: [], **stored(read(CascadeSettings, value, place))}


def in_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings in the order of ``KEYS``, which is how files and pages show them."""
    return {key: settings[key] for key in KEYS if key in settings}
