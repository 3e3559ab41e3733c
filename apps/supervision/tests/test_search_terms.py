import pytest

from apps.supervision.search_terms import LONGEST_NUMBER, Terms, terms_of

PHONE = "79131234567"


@pytest.mark.parametrize(
    "text",
    [
        "79131234567",
        "+79131234567",
        "+7 (913) 123-45-67",
        "8 913 123 45 67",
        "8(913)1234567",
        "9131234567",
        "913 123-45-67",
        "  7.913.123.45.67 ",
    ],
)
def test_a_phone_is_found_in_any_form(text: str) -> None:
    assert terms_of(text).phone == PHONE


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("4567", "4567"),
        ("45-67", "4567"),
        ("+7 123-45-67", "1234567"),
        ("123-45-67", "1234567"),
        ("+7 (***) ***-45-67", "4567"),  # as the pages show it
        ("…45-67", ""),
    ],
)
def test_the_end_of_a_phone_is_enough(text: str, digits: str) -> None:
    assert terms_of(text).digits == digits


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("104000002", "104000002"),
        ("№ 17", "17"),
        ("№17", "17"),
        ("9131234567", "9131234567"),  # a phone, and a number
        ("+79131234567", ""),  # nobody writes a number so
        ("1" * LONGEST_NUMBER, "1" * LONGEST_NUMBER),
        ("1" * (LONGEST_NUMBER + 1), ""),
    ],
)
def test_digits_are_a_number_too(text: str, number: str) -> None:
    assert terms_of(text).number == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Хожаназаров", ("Хожаназаров",)),
        ("  иванов   пётр ", ("иванов", "пётр")),
        ("Иванов, Пётр", ("Иванов", "Пётр")),
        ("Салтыкова-Щедрина", ("Салтыкова-Щедрина",)),
    ],
)
def test_letters_are_a_name(text: str, words: tuple[str, ...]) -> None:
    assert terms_of(text) == Terms(words=words)


@pytest.mark.parametrize("text", ["", "   ", "№", "%", "_", "***", "-", "\0", "()"])
def test_a_text_that_means_nothing_is_false(text: str) -> None:
    assert not terms_of(text)


def test_only_a_number_that_can_be_a_key_is_one() -> None:
    assert terms_of("17").id == 17
    assert terms_of("9" * 20).id is None
    assert terms_of("Иванов").id is None
