"""Masks for telephone numbers. Patterns come from people, so an engine without backtracking runs
them: its time grows with the length of the number alone."""

from typing import Any

import re2
from django.utils.translation import gettext as _

from apps.filters.rules.settings import Place, items_of

LONGEST_MASK = 200
LARGEST_PROGRAM = 5_000  # re2's own count of instructions; an honest mask needs under a hundred
QUANTIFIERS = "*+"


class Masks:
    """Accepts a number that one of the masks matches as a whole."""

    def __init__(self, masks: list[str]) -> None:
        self._pattern = compiled("|".join(f"(?:{mask})" for mask in masks)) if masks else None

    def accept(self, phone: str) -> bool:
        return self._pattern is None or self._pattern.fullmatch(phone) is not None


def compiled(mask: str) -> Any:
    """Raises re2.error when it does not compile; look-around and back-references do not."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(mask, options)


def masks(value: Any, place: Place) -> list[str]:
    """Reader of ``phone-templates``."""
    found = items_of(value, place)
    for number, mask in enumerate(found):
        _check(mask, place.item(number))
    return found


def _check(mask: str, place: Place) -> None:
    if len(mask) > LONGEST_MASK:
        raise place.wrong(mask, _("a mask of at most %d characters") % LONGEST_MASK)
    if "\n" in mask:
        raise place.wrong(mask, _("a mask on one line"))
    try:
        program = compiled(mask)
    except re2.error:
        raise place.wrong(mask, _("a regular expression without look-around, see RE2")) from None
    if program.programsize > LARGEST_PROGRAM or has_nested_repeats(mask):
        raise place.wrong(mask, _("a mask without repetition inside repetition"))


def has_nested_repeats(mask: str) -> bool:
    """Whether something unbounded is repeated without bound, as in ``(\\d+)+``: harmless here, but
    exponential in every engine that the mask may be copied to."""
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
