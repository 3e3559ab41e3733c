"""Values as people write them."""

import pytest

from apps.ingest.call_lists.cell_values import contract_value, split_name
from apps.ingest.reading.columns import COLUMNS

BY_NAME = {column.name: column for column in COLUMNS}


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("phone", "+7 (913) 123-45-67", "79131234567"),
        ("phone", "8 913 123 45 67", "79131234567"),
        ("phone", "8-913-123-45-67", "79131234567"),
        ("phone", "9131234567", "79131234567"),
        ("phone", "79131234567.0", "79131234567"),
        ("phone", "7,9131234567E+10", "79131234567"),
        ("phone", "7.913123456E+10", "79131234560"),
        ("phone", "7,91E+10", "7,91E+10"),  # Excel has lost the digits
        ("phone", "79131234567, 79131234568", "79131234567, 79131234568"),
        ("phone", "+380441234567", "380441234567"),
        ("birth_date", "7.10.1990", "07.10.1990"),
        ("birth_date", "07/10/1990", "07.10.1990"),
        ("birth_date", "1990-10-07", "07.10.1990"),
        ("birth_date", "1990-10-07T00:00:00", "07.10.1990"),
        ("birth_date", "33153", "07.10.1990"),
        ("birth_date", "31.02.1990", "31.02.1990"),
        ("birth_date", "07.10.90", "07.10.90"),  # of which century
        ("changed_date", "44841.5", "07.10.2022 12:00:00"),
        ("changed_date", "07.10.2022 9:05", "07.10.2022 09:05:00"),
        ("changed_time", "9:05", "09:05:00"),
        ("changed_time", "0.5", "12:00:00"),
        ("approved_amount", "30 000,50 ₽", "30000.5"),
        ("approved_amount", "30\u00a0000 руб.", "30000"),
        ("approved_amount", "0.30000000000000004", "0.3"),
        ("approved_amount", "30.125", "30.125"),
        ("approved_amount", "много", "много"),
        ("term", "30.0", "30"),
        ("application_number", "34697463.0", "34697463"),
        ("sex", "Муж", "M"),
        ("sex", "ж", "F"),
        ("sex", "f", "F"),
        ("citizenship", "Киргизия", "KGZ"),
        ("citizenship", "kgz", "KGZ"),
        ("citizenship", "РФ", "RUS"),
        ("application_status", "Зарегистрирована", "registered"),
        ("client_type", "Новый", "pioneer"),
        ("term_unit", "мес.", "month"),
        ("last_name", "  Иванов ", "Иванов"),
        ("phone", "", ""),
    ],
)
def test_a_value_is_understood_without_a_guess_or_left_as_it_is(
    column: str, written: str, meant: str
) -> None:
    assert contract_value(BY_NAME[column], written) == meant


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Иванов Иван Иванович", ("Иванов", "Иван", "Иванович")),
        ("Мамедов  Али Гусейн оглы", ("Мамедов", "Али", "Гусейн оглы")),
        ("Иванов", ("Иванов", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_full_name_is_split(full: str, parts: tuple[str, str, str]) -> None:
    assert split_name(full) == parts
