"""Compiled cascades: kept for each version, and never longer than that."""

from typing import Any

from apps.filters.cascade.compiled_cascade import TRIED, build
from apps.filters.types import call_list_stream

SETTINGS: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["AGE"],
    "min-age": 18,
}
NUMBER = 2**31  # no campaign of another test has it


def test_a_version_is_compiled_once() -> None:
    first = build(NUMBER, 1, SETTINGS)

    assert build(NUMBER, 1, dict(SETTINGS)) is first


def test_another_version_and_settings_changed_by_hand_are_compiled_anew() -> None:
    first = build(NUMBER + 1, 1, SETTINGS)

    by_hand = build(NUMBER + 1, 1, {**SETTINGS, "data-streams": ["POS_REJECT"]})
    second = build(NUMBER + 1, 2, SETTINGS)

    assert by_hand.streams == {"POS_REJECT", call_list_stream(NUMBER + 1)}
    assert (second.version, second.streams) == (2, first.streams)


def test_settings_that_are_only_tried_are_not_kept() -> None:
    live = build(NUMBER + 2, 1, SETTINGS)

    tried = build(NUMBER + 2, TRIED, SETTINGS)

    assert tried.version == TRIED
    assert build(NUMBER + 2, 1, SETTINGS) is live


def test_a_flaw_is_read_again_each_time() -> None:
    flawed = {**SETTINGS, "filters-order": ["HOROSCOPE"]}

    assert build(NUMBER + 3, 1, flawed).flaw
    assert build(NUMBER + 3, 1, SETTINGS).flaw == ""
