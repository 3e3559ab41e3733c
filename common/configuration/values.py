"""Kinds of values for models of configuration: metadata of pydantic that names what was expected.

    class Item(Configured):
        name: Annotated[str, text(64, required=True)]
        priority: Annotated[int, whole(-1000, 1000)] = 0

The words are looked up when a value is refused, in the language that is active then.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

EXPECTATION = "expectation"  # the type of our own errors, among pydantic's

Item = TypeVar("Item")


def wrong(expected: str, *value: object, at: Sequence[str | int] = ()) -> PydanticCustomError:
    """The error of a validator, for the caller to raise.

    ``value`` is shown instead of what the validator was given; ``at`` is the path from there to
    the value that is wrong.
    """
    return PydanticCustomError(
        EXPECTATION, "expected {expected}", {"expected": expected, "value": value, "at": tuple(at)}
    )


def expecting(
    words: Callable[[], str], accepts: Callable[[Any], object] = lambda _value: True
) -> WrapValidator:
    """A value of the annotated type that ``accepts`` finds true; ``words`` say what that is."""

    def check(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            found = validate(value)
        except ValidationError:
            raise wrong(words()) from None
        if not accepts(found):
            raise wrong(words())
        return found

    return WrapValidator(check)


def whole(low: int, high: int) -> WrapValidator:
    """A whole number, both bounds included."""
    bounds = {"low": low, "high": high}
    return expecting(
        lambda: _("a whole number from %(low)d to %(high)d") % bounds,
        lambda number: low <= number <= high,
    )


def text(longest: int, *, required: bool = False) -> WrapValidator:
    """Text of at most ``longest`` characters; with ``required`` not only white space."""

    def words() -> str:
        if required:
            return _("text of at most %d characters, not empty") % longest
        return _("text of at most %d characters") % longest

    return expecting(words, lambda found: len(found) <= longest and (found.strip() or not required))


def one_of(words: Sequence[str]) -> WrapValidator:
    """One of these words."""
    return expecting(lambda: _("one of %s") % ", ".join(words), lambda found: found in words)


def each_once(items: list[Item]) -> list[Item]:
    """For ``AfterValidator``: refuses the second of two equal items of a list."""
    seen: set[Item] = set()
    for number, item in enumerate(items):
        if item in seen:
            raise wrong(_("each value once"), item, at=(number,))
        seen.add(item)
    return items
