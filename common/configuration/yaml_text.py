"""YAML text into plain values and back. Text from people is bounded, so that it cannot take long.

Beyond YAML's own rules a key must be text and stand once, where YAML would keep the last of two.
Anchors, aliases and merge keys (``<<``) work. Tags for other types than those of JSON and dates
do not.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from yaml.reader import ReaderError

from common.configuration.places import ConfigError, shortened

LONGEST_TEXT = (
    4_000_000  # characters, bytes of a file: a hundred campaigns with the longest scripts
)
DEEPEST = 30  # levels of nesting; our files have seven
MOST_VALUES = 50_000  # an alias counts as all that it stands for; loading so many takes a second
LONGEST_NUMBER = 40  # characters; Python takes quadratic time for some forms of long numbers
YAML_TAG = "tag:yaml.org,2002:"

# a part of the message of PyYAML or libyaml → what a person can do about it; the first that fits
PROBLEMS = (
    (
        "mapping values are not allowed",
        gettext_lazy(
            "a colon is not expected here: put the value in quotes, or look at indentation"
        ),
    ),
    ("expected ':'", gettext_lazy("a colon is missing behind a key, or a quote is not closed")),
    ("expected key", gettext_lazy("a key is expected here: look at indentation and quotes")),
    ("'-' indicator", gettext_lazy("an item of a list is expected here: look at indentation")),
    ("expected <block end>", gettext_lazy("a key or item is expected here: look at indentation")),
    ("unexpected end of stream", gettext_lazy("a quote is not closed")),
    ("',' or", gettext_lazy("a bracket is not closed, or a comma is missing")),
    ("node content", gettext_lazy("a value is expected here; or a bracket is not closed")),
    (
        "cannot start any token",
        gettext_lazy("no tab and no sign such as @ may stand here unquoted"),
    ),
    ("tab character", gettext_lazy("a line is indented with spaces, not with a tab")),
    ("escape character", gettext_lazy("in double quotes a backslash is written twice")),
    ("another document", gettext_lazy("only one document is expected: no line of ---")),
    ("determine a constructor", gettext_lazy("a tag that is not known: !")),
    ("surrogates not allowed", gettext_lazy("a character that no text may have")),
    ("control characters are not allowed", gettext_lazy("a control character")),
)

# libyaml's parser is twenty times as fast as the one in Python; wheels of PyYAML have it
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """PyYAML's safe loader, which also refuses keys that are not text and malformed scalars."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        for key in found:
            if not isinstance(key, str):
                raise _refusal(_("the key %s must be text") % key, node.start_mark)
        return found


def _strictly(construct: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """PyYAML lets whatever Python raises escape, e.g. for the date 2026-13-45."""

    def check(loader: Any, node: Any) -> Any:
        value = shortened(str(node.value))
        if len(node.value) > LONGEST_NUMBER:
            raise _refusal(_("the number %s is too long") % value, node.start_mark)
        try:
            return construct(loader, node)
        except (ValueError, ArithmeticError, LookupError, AttributeError):
            raise _refusal(_("%s does not fit its type") % value, node.start_mark) from None

    return check


_Loader.yaml_constructors = {
    None: yaml.SafeLoader.yaml_constructors[None],
    **{
        YAML_TAG + kind: yaml.SafeLoader.yaml_constructors[YAML_TAG + kind]
        for kind in ("null", "str", "seq", "map")
    },
    **{
        YAML_TAG + kind: _strictly(yaml.SafeLoader.yaml_constructors[YAML_TAG + kind])
        for kind in ("bool", "int", "float", "timestamp")
    },
}


def read_yaml(path: Path) -> Any:
    """The content of a file in UTF-8. Raises ConfigError, also when the file cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_TEXT + 1)
        if len(content) > LONGEST_TEXT:
            raise _too_long(path.name)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        words = {"file": path.name, "byte": error.start}
        raise ConfigError(_("%(file)s: byte %(byte)d is not UTF-8") % words) from error
    return parse_yaml(text, path.name)


def parse_yaml(text: str, name: str = "") -> Any:
    """The content of a text; ``name`` is the file that messages name. Raises ConfigError."""
    if len(text) > LONGEST_TEXT:
        raise _too_long(name)
    try:
        structure = _Structure()
        for event in yaml.parse(text, Loader=_SafeLoader):
            structure.take(event)
        return yaml.load(text, _Loader)  # noqa: S506 - derives from a safe loader
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigError(": ".join(_parts(name, text, error))) from error


def write_yaml(value: Any, *, in_lines: bool = True) -> str:
    """YAML that ``parse_yaml`` reads as ``value``; without ``in_lines`` short collections stand in
    brackets."""
    style = False if in_lines else None
    written: str = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, default_flow_style=style, width=100
    )
    return written


def _too_long(name: str) -> ConfigError:
    words = _("YAML of more than %d characters is not read") % LONGEST_TEXT
    return ConfigError(": ".join(filter(None, (name, words))))


class _Refusal(yaml.MarkedYAMLError):
    """What we refuse ourselves; ``problem`` is translated."""


def _refusal(problem: str, mark: Any) -> _Refusal:
    return _Refusal(problem=problem, problem_mark=mark)


def _parts(name: str, text: str, error: Exception) -> Iterator[str]:
    """File, place and problem, as far as they are known."""
    if name:
        yield name
    if place := _place_in(text, error):
        line, column = place
        yield _("line %(line)d, column %(column)d") % {"line": line, "column": column}
    yield _in_words(error)


def _place_in(text: str, error: Exception) -> tuple[int, int] | None:
    """Line and column from 1, where the error tells them."""
    if mark := getattr(error, "problem_mark", None):
        return mark.line + 1, mark.column + 1
    if isinstance(error, ReaderError):  # libyaml counts bytes
        before = text.encode()[: error.position].decode(errors="ignore")
    elif isinstance(error, UnicodeEncodeError):
        before = text[: error.start]
    else:
        return None
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _in_words(error: Exception) -> str:
    """What is wrong with the text, in our own words: PyYAML's are English and of its grammar."""
    problem = str(getattr(error, "problem", None) or error)
    if isinstance(error, _Refusal):
        return problem
    return next((str(words) for part, words in PROBLEMS if part in problem), "") or _(
        "this is not YAML: look at indentation, colons, quotes and brackets"
    )


@dataclass(slots=True)
class _Collection:
    """A list or mapping that is not closed yet."""

    anchor: str | None
    is_mapping: bool
    size: int = 1  # values inside, itself included
    keys: set[str] = field(default_factory=set)
    awaits_key: bool = True


class _Structure:
    """Follows a text's parse events, before any value is made, and refuses what is too large."""

    def __init__(self) -> None:
        self._open: list[_Collection] = []
        self._sizes: dict[str, int] = {}  # anchor → values that an alias to it stands for

    def take(self, event: yaml.Event) -> None:
        """Raises MarkedYAMLError."""
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_as_key(event)
            if len(self._open) == DEEPEST:
                raise _refusal(_("more than %d levels of nesting") % DEEPEST, event.start_mark)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            self._open.append(_Collection(event.anchor, is_mapping))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self._open.pop()
            self._add(closed.size, closed.anchor, event)

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        if "\0" in event.value:
            raise _refusal(_("text with the character NUL"), event.start_mark)
        if self._at_key():
            keys = self._open[-1].keys
            if event.value in keys:
                problem = _("the key %s stands twice") % shortened(event.value)
                raise _refusal(problem, event.start_mark)
            keys.add(event.value)
        self._add(1, event.anchor, event)

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        self._refuse_as_key(event)
        anchor = str(event.anchor)
        if anchor not in self._sizes:
            problem = _("the alias *%s stands for nothing complete") % shortened(anchor)
            raise _refusal(problem, event.start_mark)
        self._add(self._sizes[anchor], None, event)

    def _at_key(self) -> bool:
        return bool(self._open) and self._open[-1].is_mapping and self._open[-1].awaits_key

    def _refuse_as_key(self, event: yaml.Event) -> None:
        if self._at_key():
            raise _refusal(_("a key must be text"), event.start_mark)

    def _add(self, size: int, anchor: str | None, event: yaml.Event) -> None:
        """Count a complete value in the collection that holds it."""
        if anchor is not None:
            self._sizes[anchor] = size
        if not self._open:
            return
        holder = self._open[-1]
        holder.awaits_key = not holder.awaits_key
        holder.size += size
        if holder.size > MOST_VALUES:
            raise _refusal(_("more than %d values") % MOST_VALUES, event.start_mark)
