"""Masks for telephone numbers: the setting that holds them, and how a number is matched.

The masks are regular expressions that people write. RE2 runs them, which does not backtrack: its
time grows with the length of the number alone.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import re2
from django import forms
from django.utils.translation import gettext as _
from pydantic import AfterValidator

from apps.filters.rules.settings import Setting, Word, list_of, text_area
from common.configuration import wrong

LONGEST_MASK = 200
LARGEST_PROGRAM = 5_000  # re2's own count of instructions; an honest mask needs under a hundred
QUANTIFIERS = "*+"


class Masks:
    """Accepts a number that one of the masks matches as a whole."""

    def __init__(self, masks: list[str]) -> None:
        self._pattern = compiled("|".join(f"(?:{mask})" for mask in masks)) if masks else None

    @property
    def is_empty(self) -> bool:
        return self._pattern is None

    def accept(self, phone: str) -> bool:
        return self._pattern is None or self._pattern.fullmatch(phone) is not None


def compiled(mask: str) -> Any:
    """Compile a mask. Raises re2.error, also for look-around and back-references."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(mask, options)


@dataclass(frozen=True, kw_only=True)
class PhoneMasks(Setting):
    """A list of masks; the form shows a mask a line."""

    @property
    def value_type(self) -> Any:
        return list_of(Annotated[Word, AfterValidator(_checked)])

    def form_field(self, value: Any) -> forms.Field:
        return text_area(list(value or ()), self._words())

    def from_form(self, value: Any) -> Any:
        return value.split()


def _checked(mask: str) -> str:
    if len(mask) > LONGEST_MASK:
        raise wrong(_("a mask of at most %d characters") % LONGEST_MASK)
    if "\n" in mask:
        raise wrong(_("a mask on one line"))
    try:
        program = compiled(mask)
    except re2.error:
        raise wrong(_("a regular expression without look-around, see RE2")) from None
    if program.programsize > LARGEST_PROGRAM or has_nested_repeats(mask):
        raise wrong(_("a mask without repetition inside repetition"))
    return mask


def has_nested_repeats(mask: str) -> bool:
    """Whether something unbounded is repeated without bound, as in ``(\\d+)+``.

    RE2 runs such a mask in linear time; an engine with backtracking, to which somebody may copy it,
    takes exponential time.
    """
    groups = [False]  # for each open group: does it hold an unbounded repeat
    closed = False  # whether the thing just read was a group that does
    position, in_class = 0, False
    while position < len(mask):
        sign = mask[position]
        position += 2 if sign == "\\" else 1
        if in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
            closed = False
        elif sign == "(":
            groups.append(False)
        elif sign == ")":
            closed = groups.pop() if len(groups) > 1 else False
            groups[-1] |= closed
        elif _is_unbounded(mask, position - 1):
            if closed:
                return True
            groups[-1] = True
        else:
            closed = closed and sign == "?"
    return False


def _is_unbounded(mask: str, position: int) -> bool:
    if mask[position] in QUANTIFIERS:
        return True
    end = mask.find("}", position)
    return mask[position] == "{" and end > position and mask[position:end].endswith(",")
