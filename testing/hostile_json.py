"""JSON that a service should never answer, and good answers with something odd in them."""

from typing import Any

from hypothesis import strategies as st

NASTY_TEXTS = (
    "",
    "\0",
    "e\0",
    "\ud800",
    "x" * 129,
    "x" * 100_000,
    "1e999",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999Z",
    "'; DROP TABLE x; --",
    "٣",
    "9" * 30,
)
NASTY_NUMBERS = (0, -1, 2**31, 2**63, 10**400, 0.5, 1e308, float("nan"), float("inf"))


def hostile_json() -> st.SearchStrategy[Any]:
    """Any JSON, and values next to it that Python's parser lets pass."""
    leaves = (
        st.none()
        | st.booleans()
        | st.sampled_from(NASTY_NUMBERS)
        | st.sampled_from(NASTY_TEXTS)
        | st.text(max_size=20)
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
        ),
        max_leaves=6,
    )


@st.composite
def mutated(draw: st.DrawFn, good: Any) -> Any:
    """The good value, in which some parts are missing or hostile."""
    if isinstance(good, dict):
        return {
            key: draw(_part(value)) for key, value in good.items() if draw(st.integers(0, 9)) != 0
        }
    if isinstance(good, list):
        return [draw(_part(value)) for value in good]
    return draw(hostile_json())


def _part(value: Any) -> st.SearchStrategy[Any]:
    """Mostly the value itself, so that a mutated answer is often odd in one place only."""
    if isinstance(value, dict | list):
        return st.just(value) | mutated(value) | hostile_json()
    return st.integers(0, 7).flatmap(lambda odd: st.just(value) if odd else hostile_json())
