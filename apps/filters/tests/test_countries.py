from apps.filters.tests.countries_from_babel import TABLE, module_text


def test_the_table_of_countries_is_what_its_command_writes() -> None:
    assert TABLE.read_text(encoding="utf-8") == module_text()
