import pytest

from common.phones import phone_in


@pytest.mark.parametrize(
    "text",
    [
        "79131234567",
        "+7 (913) 123-45-67",
        "8 913 123 45 67",
        "8(913)1234567",
        "9131234567",
        " 913.123.45.67 ",
    ],
)
def test_a_phone_is_read_in_any_form(text: str) -> None:
    assert phone_in(text) == "79131234567"


@pytest.mark.parametrize(
    "text",
    ["", "4567", "91312345678", "69131234567", "7913123456a", "++79131234567", "٩١٣١٢٣٤٥٦٧", "№ 1"],
)
def test_another_text_is_no_phone(text: str) -> None:
    assert phone_in(text) is None
