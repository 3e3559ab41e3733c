"""Why an application is not there: its row stood in a rejected file, or was left out."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.campaigns.models import Decision
from apps.campaigns.types import DecisionVerdict, Step
from apps.filters.models import Application
from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.reading import csv_reader, row_validation
from apps.ingest.refused_rows import RowsOfFiles
from apps.ingest.streams import Stream
from apps.security.models import AccessRecord
from testing.factories.ingest import csv_text, put_file, row, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db
BAD = {"application_number": "700001", "phone": "8", "sex": "x"}
GOOD = {"application_number": "700002"}


def explained(number: str) -> str:
    out = StringIO()
    call_command("explain", number, stdout=out)
    return out.getvalue()


def test_explain_finds_a_bad_row_of_a_rejected_file(drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(**GOOD), row(**BAD)]))
    take_all_files()

    text = explained("700001")

    assert "поток MOBILE_LOANS, файл a.csv, строка 3" in text
    assert "файл отклонен · phone: нужны 11 цифр" in text
    assert "sex: допустимые значения: M, F" in text


def test_explain_finds_a_right_row_of_a_rejected_file(drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(**BAD), row(), row(**GOOD)]))
    take_all_files()

    text = explained("700002")

    assert "файл a.csv, строка 4" in text
    assert "файл отклонен · строк с ошибками: 1" in text


def test_explain_finds_a_row_that_was_left_out(configured: Callable[..., Stream]) -> None:
    stream = configured(**{"on-bad-row": "skip-row"})
    put_file(stream.folder, "a.csv", csv_text([row(**GOOD), row(**BAD)]))
    take_all_files()

    assert "строка пропущена · phone: нужны 11 цифр" in explained("700001")
    assert "пропущена" not in explained("700002")


@pytest.mark.parametrize("number", ["700003", "7000010", "00001", "x", "1 OR 1", ""])
def test_explain_knows_no_other_application(drop: Callable[..., Path], number: str) -> None:
    drop("a.csv", csv_text([row(**BAD)]))
    take_all_files()

    with pytest.raises(CommandError):
        explained(number)


def test_a_file_that_is_gone_leaves_what_its_report_said(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    drop("a.csv", csv_text([row(**GOOD), row(**BAD)]))
    take_all_files()
    (stream.error_folder / "a.csv").unlink()

    assert [found.line for found in RowsOfFiles().refused("700001")] == [3]
    assert RowsOfFiles().refused("700002") == []


def test_the_search_of_applications_shows_the_row_and_links_to_its_file(
    drop: Callable[..., Path], admin_client: Client
) -> None:
    drop("a.csv", csv_text([row(**BAD)]))
    take_all_files()

    page = admin_client.get(
        reverse("admin:filters_application_changelist"), {"q": "700001"}
    ).content.decode()

    link = reverse("admin:ingest_incomingfile_change", args=[IncomingFile.objects.get().pk])
    assert f'<a href="{link}">a.csv</a>' in page


def test_the_search_of_files_finds_the_file_of_a_bad_row(
    drop: Callable[..., Path], admin_client: Client
) -> None:
    drop("a.csv", csv_text([row(**BAD)]))
    drop("b.csv", csv_text([row(phone="8")]))
    take_all_files()

    page = admin_client.get(
        reverse("admin:ingest_incomingfile_changelist"), {"q": "700001"}
    ).content.decode()

    assert ("a.csv" in page, "b.csv" in page) == (True, False)


def test_format_control_writes_one_entry_of_the_ledger_for_a_bad_row(
    drop: Callable[..., Path],
) -> None:
    drop("a.csv", csv_text([row(**GOOD), row(sex="x", term="x", phone="79131234567"), row(**BAD)]))
    take_all_files()

    first, second = Decision.objects.order_by("id")
    file = IncomingFile.objects.get()
    assert (first.step, first.verdict) == (Step.FORMAT_CONTROL, DecisionVerdict.STOPPED)
    assert (first.rule, first.phone, first.source_key) == (
        "sex", "79131234567", f"row:{file.pk}:3",
    )  # fmt: skip
    assert first.reason.startswith("sex: допустимые значения: M, F; term: нужно целое число")
    assert (second.rule, second.phone, second.source_key) == ("phone", "", f"row:{file.pk}:4")


def test_the_ledger_is_written_with_as_many_queries_for_many_rows_as_for_one(
    drop: Callable[..., Path], django_assert_max_num_queries: Callable[..., object]
) -> None:
    drop("a.csv", csv_text([row(phone="8") for _number in range(60)]))

    with django_assert_max_num_queries(40):  # type: ignore[attr-defined]
        take_all_files()

    assert Decision.objects.count() == 60


def test_a_story_that_explain_tells_is_recorded(drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(**GOOD)]))
    take_all_files()

    explained("700002")

    (record,) = AccessRecord.objects.filter(subject="filters.application")
    told = Application.objects.get(application_number="700002")
    assert (record.action, record.subject_id, record.operator_id) == ("PAGE_OPENED", told.pk, None)


@pytest.mark.parametrize("stored_before", [False, True])
def test_every_row_that_is_left_out_has_an_entry_of_the_ledger_whatever_the_report_keeps(
    configured: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch, stored_before: bool
) -> None:
    monkeypatch.setattr(row_validation, "KEPT_ERRORS", 3)
    monkeypatch.setattr(csv_reader, "PIECE_BYTES", 4_096)  # so that there are many pieces
    stream = configured(**{"on-bad-row": "skip-row"})
    right = rows(40)
    if stored_before:
        put_file(stream.folder, "before.csv", csv_text(right[:1]))
        take_all_files()
    # two broken rules each, in stretches without a right row
    lines = [right.pop() if number % 20 == 0 else row(**BAD) for number in range(600)]
    put_file(stream.folder, "a.csv", csv_text(lines))

    (record,) = take_all_files()

    assert (record.rows, record.bad_rows, record.error_count) == (600, 570, 1_140)
    assert IncomingFileError.objects.filter(file=record).count() == 3
    keys = Decision.objects.filter(step=Step.FORMAT_CONTROL).values_list("source_key", flat=True)
    assert sorted(keys) == sorted(
        f"row:{record.pk}:{number + 2}" for number in range(600) if number % 20
    )


def test_a_file_of_which_no_row_is_right_has_the_entries_of_its_report(
    configured: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_validation, "KEPT_ERRORS", 4)
    stream = configured(**{"on-bad-row": "skip-row"})
    put_file(stream.folder, "a.csv", csv_text([row(**BAD) for _number in range(20)]))

    (record,) = take_all_files()

    assert (record.outcome, record.bad_rows) == ("REJECTED", 20)
    assert Decision.objects.count() == 2  # two broken rules each
