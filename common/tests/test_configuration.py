"""Configuration: every mistake is named, and hostile YAML is refused before it costs anything."""

import re
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
from django.utils.translation import override
from pydantic import AfterValidator, Field

from common.configuration import (
    ConfigError,
    Configured,
    Place,
    each_once,
    one_of,
    parse_yaml,
    read,
    read_yaml,
    text,
    whole,
    write_yaml,
)

ALIAS_BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
)
MERGE_BOMB = "\n".join(
    ["a0: &a0 {x: 1}"]
    + [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 8)]
)


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Item(Configured):
    code: Annotated[str, text(5, required=True)]
    on_sale: bool = True
    price: float = 0


class Shop(Configured):
    item_list: Annotated[list[Item], Field(min_length=1)]
    floors: Annotated[int, whole(1, 9)] = 1
    colour: Annotated[Colour, Field(strict=False)] = Colour.RED
    stock: dict[Annotated[Colour, Field(strict=False)], int] = Field(default_factory=dict)
    day: Annotated[str, one_of(("MON", "TUE"))] = "MON"
    tags: Annotated[list[str], AfterValidator(each_once)] = Field(default_factory=list)


def shop(**wrong: Any) -> dict[str, Any]:
    keys = {name.replace("_", "-"): value for name, value in wrong.items()}
    return {"item-list": [{"code": "a"}], **keys}


def test_a_described_mapping_is_read() -> None:
    described = shop(colour="BLUE", stock={"RED": 2}, tags=["a", "b"])

    found = read(Shop, described, Place("shop.yaml"))

    assert (found.item_list[0].code, found.colour) == ("a", Colour.BLUE)
    assert found.model_dump(by_alias=True, exclude_unset=True) == described


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "shop.yaml: None, expected a mapping"),
        ({}, "shop.yaml: item-list: None, expected a value, it is required"),
        (shop(flors=1), "shop.yaml: flors: 'flors', expected one of item-list, floors, colour"),
        (shop(item_list=[]), "shop.yaml: item-list: [], expected a list that is not empty"),
        (shop(item_list="a"), "shop.yaml: item-list: 'a', expected a list"),
        (shop(item_list=[7]), "shop.yaml: item-list[0]: 7, expected a mapping"),
        (
            shop(item_list=[{"code": " "}]),
            "shop.yaml: item-list[0].code: ' ', expected text of at most 5 characters, not empty",
        ),
        (
            shop(item_list=[{"code": "a", "on-sale": "yes"}]),
            "shop.yaml: item-list[0].on-sale: 'yes', expected true or false",
        ),
        (
            shop(item_list=[{"code": "a", "price": "7"}]),
            "shop.yaml: item-list[0].price: '7', expected a number",
        ),
        (shop(floors=True), "shop.yaml: floors: True, expected a whole number from 1 to 9"),
        (shop(floors=0), "shop.yaml: floors: 0, expected a whole number from 1 to 9"),
        (shop(colour="PINK"), "shop.yaml: colour: 'PINK', expected one of RED, BLUE"),
        (shop(stock={"PINK": 1}), "shop.yaml: stock.PINK: 'PINK', expected one of RED, BLUE"),
        (shop(stock={"RED": "1"}), "shop.yaml: stock.RED: '1', expected a whole number"),
        (shop(stock=[]), "shop.yaml: stock: [], expected a mapping"),
        (shop(day="SUN"), "shop.yaml: day: 'SUN', expected one of MON, TUE"),
        (shop(tags=["a", "b", "a"]), "shop.yaml: tags[2]: 'a', expected each value once"),
        (shop(tags=[7]), "shop.yaml: tags[0]: 7, expected text"),
    ],
)
def test_a_mistake_is_named_with_file_key_value_and_what_was_expected(
    value: Any, message: str
) -> None:
    with override("en"), pytest.raises(ConfigError) as refused:
        read(Shop, value, Place("shop.yaml"))

    assert str(refused.value).startswith(message)


def test_a_mistake_is_named_in_russian() -> None:
    with override("ru"), pytest.raises(ConfigError) as refused:
        read(Shop, shop(floors=0), Place("shop.yaml"))

    assert str(refused.value) == "shop.yaml: floors: 0, ожидалось: целое число от 1 до 9"


def test_every_mistake_is_kept_with_its_path() -> None:
    with pytest.raises(ConfigError) as refused:
        read(Shop, shop(item_list=[{"code": 7}], floors=0, day=1), Place())

    paths = [mistake.path for mistake in refused.value.mistakes]
    assert paths == [("item-list", 0, "code"), ("floors",), ("day",)]


@pytest.mark.parametrize("wrong", [shop(day="x" * 5_000), shop(**{"x" * 5_000: 1})])
def test_a_long_value_or_key_is_shown_by_its_beginning(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        read(Shop, wrong, Place("shop.yaml"))

    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("hostile", "message"),
    [
        (ALIAS_BOMB, "line 5, column 30: more than 50000 values"),
        (MERGE_BOMB, "more than 50000 values"),
        ("a: " + "[" * 5_000, "more than 30 levels of nesting"),
        ("{a: " * 5_000, "more than 30 levels of nesting"),
        ("- " * 500_000, "more than 30 levels of nesting"),
        ("? " * 5_000, "a key must be text"),
        ("a: [" + "x, " * 60_000 + "]", "more than 50000 values"),
        ("a: &a [*a]", "line 1, column 8: the alias *a stands for nothing complete"),
        ("a: *nobody", "the alias *nobody stands for nothing complete"),
        ("#" * 4_000_001, "YAML of more than 4000000 characters is not read"),
        ("a: " + "9" * 100_000, "too long"),
        ("a: 1" + ":59" * 300_000, "too long"),
        ("a: 1" + ":59" * 300_000 + ".5", "too long"),
        ("a: 2026-13-45", "line 1, column 4: 2026-13-45 does not fit its type"),
        ("a: !!bool maybe", "maybe does not fit its type"),
        ("a: !!int ''", "does not fit its type"),
        ("a: !!timestamp x", "x does not fit its type"),
        ("a: !!binary x", "a tag that is not known"),
        ("a: !!python/object/apply:os.system [true]", "a tag that is not known"),
        ('a: "\\0"', "text with the character NUL"),
        ("a: \ud800", "a character that no text may have"),
        ("a: [", "line 2, column 1: a value is expected here"),
        ("a: 1\nb: 2\na: 3", "line 3, column 1: the key a stands twice"),
        ("a: {b: 1, 'b': 2}", "the key b stands twice"),
        ("1: a", "the key 1 must be text"),
        ("{[a]: b}", "a key must be text"),
        ("a: &a x\n*a : y", "a key must be text"),
        ("a: 1\n---\nb: 2", "only one document is expected"),
    ],
)
def test_hostile_or_wrong_yaml_is_refused_at_once(hostile: str, message: str) -> None:
    began = time.process_time()

    with override("en"), pytest.raises(ConfigError) as refused:
        parse_yaml(hostile, "some.yaml")

    assert str(refused.value).startswith("some.yaml: ")
    assert message in str(refused.value)
    assert time.process_time() - began < 2


def test_anchors_aliases_and_merge_keys_work() -> None:
    found = parse_yaml(
        """
        outer: {inner: &inner {<<: &base {a: 1, b: 2}, b: 3}}
        copy: *inner
        merged: {<<: [*inner, *base], c: 4}
        """
    )

    assert found == {
        "outer": {"inner": {"a": 1, "b": 3}},
        "copy": {"a": 1, "b": 3},
        "merged": {"a": 1, "b": 3, "c": 4},
    }


def test_the_largest_text_allowed_is_read_in_time() -> None:
    largest = "a: [" + "{x: 1}, " * 16_000 + "]\nb: " + "x" * 3_800_000
    began = time.process_time()

    parse_yaml(largest)

    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "some.yaml: No such file"), (b"a: \xff", "some.yaml: "), (b"#" * 4_000_001, "4000000")],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "some.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read_yaml(path)

    assert message in str(refused.value)


def test_what_was_written_is_read_again() -> None:
    value = {"маска": ["7\\d+", "123"], "n": [1, 0.5, True, None], "m": {"empty": {}}}

    assert parse_yaml(write_yaml(value)) == value
    assert parse_yaml(write_yaml(value, in_lines=False)) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "строка 1, столбец 5: двоеточие"),
        ("a: 'b", "строка 1, столбец 6: не закрыта кавычка"),
        ("a: \tb\n\t- c", "строка 2, столбец 1: отступ делается пробелами"),
        ("a: [1, 2", "не закрыта скобка"),
        ("a: {b: 1", "не закрыта скобка"),
        ("a:\n  - b\n c: 1", "отступ"),
        ("a: 1\n b: 2", "строка 2"),
        ("a: @b", "строка 1, столбец 4"),
        ('a: "\\d"', "обратная косая черта"),
        ("- a\nb: 1", "строка 2, столбец 1"),
        ("a: !!x y", "строка 1, столбец 4: неизвестный тег"),
        ("a: ж\nж: \x01", "строка 2, столбец 4: управляющий символ"),
        ("a: ]", "строка 1"),
        ("a: 1\n---\nb: 2", "строка 2, столбец 1: ожидается один документ"),
        ("a: `b", "строка 1, столбец 4"),
        ("%", "строка 1"),
    ],
)
def test_people_read_in_russian_what_is_wrong_with_yaml_and_where(text: str, message: str) -> None:
    with override("ru"), pytest.raises(ConfigError) as refused:
        parse_yaml(text)

    assert message in str(refused.value)
    assert not re.search("[a-z]{2}", str(refused.value))
