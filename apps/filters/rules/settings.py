"""A setting of a filter: its key, its words, how its value is read, and its field in the form.

The YAML file, the form, the dry run and the export are all made from these descriptions. Each kind
of setting is one class, so a setting of a new kind brings its form field with it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from django import forms
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator

from apps.filters.countries import COUNTRIES
from common.configuration import each_once, expecting, one_of, whole, wrong

# a comma inside {2,3} of a mask separates nothing
BETWEEN_ITEMS = re.compile(r",(?![^{}]*\})")
STREAM = re.compile(r"[A-Za-z0-9_-]{1,64}")
BELOW_RUBLES = 10**12


@dataclass(frozen=True, kw_only=True)
class Setting(ABC):
    """One key of a cascade's settings.

    ``label`` and ``help`` are what the form says, as lazy translations. A setting that several
    filters share is one object.
    """

    key: str
    label: Any
    help: Any
    is_required: bool = False

    @property
    @abstractmethod
    def value_type(self) -> Any:
        """The type, annotated for pydantic, of the value in YAML and in the database."""

    @abstractmethod
    def form_field(self, value: Any) -> forms.Field:
        """The field that shows the stored value; None where nothing is set."""

    def from_form(self, value: Any) -> Any:
        """What the person typed, as the YAML file would hold it. Raises ConfigError."""
        return value

    @property
    def help_text(self) -> str:
        return str(self.help)

    def _words(self) -> dict[str, Any]:
        # the reader says what is missing, together with all else
        return {"label": self.label, "help_text": self.help_text, "required": False}


@dataclass(frozen=True, kw_only=True)
class Flag(Setting):
    """True or false."""

    @property
    def value_type(self) -> Any:
        return bool

    def form_field(self, value: Any) -> forms.Field:
        return forms.BooleanField(initial=bool(value), **self._words())


@dataclass(frozen=True, kw_only=True)
class Number(Setting, ABC):
    """A number. ``not_above`` is the key of the setting that it may equal and not exceed."""

    not_above: str = ""


@dataclass(frozen=True, kw_only=True)
class Whole(Number):
    """A whole number, both bounds included."""

    low: int
    high: int

    @property
    def value_type(self) -> Any:
        return Annotated[int, whole(self.low, self.high)]

    def form_field(self, value: Any) -> forms.Field:
        return forms.IntegerField(
            initial=value, min_value=self.low, max_value=self.high, **self._words()
        )


@dataclass(frozen=True, kw_only=True)
class Rubles(Number):
    """An amount in rubles, kept as it was written: whole, or with kopecks as a float."""

    @property
    def value_type(self) -> Any:
        return Annotated[
            int | float,
            expecting(
                lambda: _("an amount in rubles, 0 or more"),
                lambda amount: 0 <= amount < BELOW_RUBLES,
            ),
        ]

    def form_field(self, value: Any) -> forms.Field:
        return forms.DecimalField(
            initial=value, min_value=0, max_value=BELOW_RUBLES, **self._words()
        )

    def from_form(self, value: Any) -> Any:
        if value is None:
            return None
        return int(value) if value == int(value) else float(value)


def _split(value: Any) -> list[Any]:
    found = BETWEEN_ITEMS.split(value) if isinstance(value, str) else value
    if not isinstance(found, list) or not found:
        raise wrong(_("a list, or values separated by commas"))
    return found


def _stripped(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a mask of digits alone is a number to YAML
    if not isinstance(value, str) or not value.strip():
        raise wrong(_("text"))
    return value.strip()


# one value of a list; letter case is kept
Word = Annotated[str, BeforeValidator(_stripped)]
StreamName = Annotated[Word, expecting(lambda: _("the name of a data stream"), STREAM.fullmatch)]
Country = Annotated[
    Word,
    expecting(lambda: _("a country by ISO 3166-1 alpha-3, e.g. KGZ"), COUNTRIES.__contains__),
]


# a YAML list, or text with commas; each word once and none empty
Items = Annotated[list[Word], BeforeValidator(_split), AfterValidator(each_once)]


def list_of(word: Any) -> Any:
    """``Items`` whose words are of the type ``word``."""
    return Annotated[list[word], BeforeValidator(_split), AfterValidator(each_once)]


@dataclass(frozen=True, kw_only=True)
class Words(Setting):
    """A list of words: those in ``known``, or any of the type ``word``.

    ``synonyms`` are read as the known word that they map to.
    """

    known: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    word: Any = Word

    @property
    def value_type(self) -> Any:
        if not self.known:
            return list_of(self.word)
        replaced = AfterValidator(lambda word: self.synonyms.get(word, word))
        return list_of(Annotated[self.word, replaced, one_of(self.known)])

    @property
    def help_text(self) -> str:
        known = ", ".join(self.known)
        return " ".join(filter(None, (known and f"{known}.", str(self.help))))

    def form_field(self, value: Any) -> forms.Field:
        wide = forms.TextInput(attrs={"size": 60})
        return forms.CharField(initial=", ".join(value or ()), widget=wide, **self._words())


def text_area(lines: list[str], words: Mapping[str, Any]) -> forms.Field:
    """A field of several lines, sent as a browser sends them, so that a field that was left alone
    does not count as changed."""
    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})
    return forms.CharField(initial="\r\n".join(lines), widget=widget, **words)
