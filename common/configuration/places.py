"""``ConfigError``, and the one way in which it names file, key and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

SHOWN_CHARACTERS = 80  # of a wrong value or key, in messages


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong value. ``path`` leads to it, e.g. ``("hours", "weekdays")``; ``text`` names the
    place, the value and what was expected."""

    path: tuple[str | int, ...]
    text: str


class ConfigError(Exception):
    """Configuration says something that cannot be.

    The message names the place, the value and what was expected of the first mistake; ``mistakes``
    holds all that were found. It is empty when the text is no YAML.
    """

    def __init__(self, message: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: ``campaigns.yaml: campaigns[0].min-age``. A form has no file name."""

    file: str = ""
    path: tuple[str | int, ...] = ()

    def at(self, *keys: str | int) -> "Place":
        """The place of a key, or of the item with this index, inside this one."""
        return Place(self.file, (*self.path, *keys))

    def mistake(self, value: object, expected: str) -> Mistake:
        """The mistake of finding ``value`` here instead of what was expected."""
        words = {"place": str(self), "value": shortened(repr(value)), "expected": expected}
        if not words["place"]:
            return Mistake(self.path, _("%(value)s, expected %(expected)s") % words)
        return Mistake(self.path, _("%(place)s: %(value)s, expected %(expected)s") % words)

    def wrong(self, value: object, expected: str) -> ConfigError:
        """The error of finding ``value`` here, for the caller to raise."""
        mistake = self.mistake(value, expected)
        return ConfigError(mistake.text, [mistake])

    def __str__(self) -> str:
        keys = "".join(
            f"[{key}]" if isinstance(key, int) else f".{shortened(key)}" for key in self.path
        )
        return ": ".join(filter(None, (self.file, keys.removeprefix("."))))


def shortened(text: str) -> str:
    """The beginning of a text that is too long for a message."""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
