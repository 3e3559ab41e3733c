import pytest

from apps.filters.types import ApplicationKey


def test_a_key_is_read_back_from_its_text() -> None:
    key = ApplicationKey(42)

    assert str(key) == "application:42"
    assert ApplicationKey.parse(str(key)) == key


@pytest.mark.parametrize("source_key", ["", "application:", "application:x", "loan:42", "42"])
def test_a_text_that_names_no_application_is_no_key(source_key: str) -> None:
    assert ApplicationKey.parse(source_key) is None
