"""A rejected file that people download with marks, correct, and put back."""

import io
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from apps.filters.models import Application
from apps.ingest.folder.corrections import (
    corrected_file,
    delete_abandoned_corrections,
    taken_corrections,
)
from apps.ingest.models import Correction, FileOutcome, IncomingFile
from apps.ingest.streams import Stream
from apps.ingest.uploads import upload_folder
from apps.security.models import AccessRecord
from common.clock import now
from testing.browser import enter_back_office
from testing.call_lists import workbook
from testing.factories.ingest import csv_text, row
from testing.factories.security import SeniorOperatorFactory
from testing.incoming import take_all_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]


@pytest.fixture
def browser(settings: Settings) -> Client:
    settings.SECURE_SSL_REDIRECT = False
    browser = Client()
    enter_back_office(browser, SeniorOperatorFactory.create(may_export=True))
    return browser


@pytest.fixture
def rejected(drop: Callable[..., Path]) -> IncomingFile:
    drop("a.csv", csv_text([row(), row(phone="12", term="много")]))
    (file,) = take_all_files()
    assert file.outcome == FileOutcome.REJECTED
    return file


def download(browser: Client, file: IncomingFile) -> bytes:
    answer = browser.get(reverse("admin:ingest_incomingfile_marked", args=[file.pk]))
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def put_back(browser: Client, file: IncomingFile, content: bytes) -> dict[str, object]:
    begin = reverse("admin:ingest_incomingfile_correct", args=[file.pk])
    told: dict[str, str] = browser.post(begin, {"size": len(content)}).json()
    piece = f"{told['piece']}?at=0"
    answer = browser.post(piece, content, content_type="application/octet-stream").json()
    return dict(answer)


def cells(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [list(line) for line in book.get_sheet_by_index(0).to_python()]


def comments(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/comments1.xml").decode()


def test_the_wrong_cells_of_a_rejected_file_are_marked(
    browser: Client, rejected: IncomingFile
) -> None:
    content = download(browser, rejected)

    head, right, wrong = cells(content)
    phone = head.index("phone")
    assert (right[phone], wrong[phone]) == ("79057896050", "12")
    assert 'ref="' + "L3" in comments(content).replace("'", '"')
    assert "нужны 11 цифр" in comments(content)
    assert comments(content).count("<comment ") == 2


def test_a_file_that_cannot_be_split_or_decoded_is_still_shown(
    browser: Client, drop: Callable[..., Path]
) -> None:
    drop("b.csv", csv_text([row(last_name="Бекишов")]).encode("windows-1251"))
    (file,) = take_all_files()

    content = download(browser, file)

    assert file.reason == "это не текст в кодировке utf-8; похоже на windows-1251"
    assert "Бекишов" in cells(content)[1]
    assert "похоже на windows-1251" in comments(content)


def test_the_downloaded_file_is_put_back_corrected_and_taken_as_a_new_one(
    browser: Client, rejected: IncomingFile, stream: Stream
) -> None:
    head, right, wrong = cells(download(browser, rejected))
    wrong[head.index("phone")], wrong[head.index("term")] = 79057896051, 30

    assert "present" in put_back(browser, rejected, workbook(head, right, wrong))

    (put,) = stream.folder.glob("*.csv")
    assert put.name == f"a-corrected-{Correction.objects.get().pk}.csv"
    assert stat.S_IMODE(put.stat().st_mode) == 0o600
    os.utime(put, (1_000_000_000, 1_000_000_000))  # it has settled
    (taken,) = take_all_files()
    assert (taken.outcome, taken.rows) == (FileOutcome.IMPORTED, 2)
    assert set(Application.objects.values_list("phone", flat=True)) == {
        "79057896050",
        "79057896051",
    }
    assert corrected_file(taken) == rejected
    assert [record for _correction, record in taken_corrections(rejected)] == [taken]
    page = reverse("admin:ingest_incomingfile_change", args=[rejected.pk])
    assert f"/{taken.pk}/change/" in browser.get(page).content.decode()


def test_text_is_put_back_as_it_is(browser: Client, rejected: IncomingFile, stream: Stream) -> None:
    content = csv_text([row(), row()]).encode()

    put_back(browser, rejected, content)

    (put,) = stream.folder.glob("*.csv")
    assert put.read_bytes() == content


def test_an_excel_file_becomes_text_in_the_form_of_its_stream(
    browser: Client, configured: Callable[..., Stream]
) -> None:
    stream = configured(delimiter="|", encoding="windows-1251", header=False)
    file = IncomingFile.objects.create(
        stream=stream.name, name="a.csv", size=1, modified_ns=1, outcome=FileOutcome.REJECTED,
        started_at="2026-11-20T00:00Z", finished_at="2026-11-20T00:00Z",
    )  # fmt: skip

    put_back(browser, file, workbook(("Фамилия", "Имя"), ("Иванов", "Иван")))

    (put,) = stream.folder.glob("*.csv")
    assert put.read_bytes() == "Иванов|Иван\r\n".encode("windows-1251")


def test_a_file_of_another_kind_is_refused_and_leaves_nothing(
    browser: Client, rejected: IncomingFile, stream: Stream
) -> None:
    answer = put_back(browser, rejected, b"\xd0\xcf\x11\xe0 an old workbook")

    assert "старый файл Excel" in str(answer["error"])
    assert not list(stream.folder.glob("*.csv"))
    assert not list(stream.folder.glob(".*"))
    assert taken_corrections(rejected) == []


def test_who_took_and_put_back_a_file_is_recorded(browser: Client, rejected: IncomingFile) -> None:
    download(browser, rejected)
    put_back(browser, rejected, csv_text([row()]).encode())

    found = AccessRecord.objects.filter(subject="ingest.incomingfile").order_by("pk")
    assert list(found.values_list("action", flat=True)) == ["EXPORTED", "UPLOADED"]


def test_only_a_rejected_file_is_corrected(browser: Client, drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row()]))
    (file,) = take_all_files()

    begin = reverse("admin:ingest_incomingfile_correct", args=[file.pk])

    assert browser.post(begin, {"size": 1}).status_code == 404
    assert not Correction.objects.exists()


def test_the_pieces_of_an_upload_that_nobody_finished_are_deleted(
    browser: Client, rejected: IncomingFile
) -> None:
    begin = reverse("admin:ingest_incomingfile_correct", args=[rejected.pk])
    told = browser.post(begin, {"size": 10}).json()
    browser.post(f"{told['piece']}?at=0", b"12345", content_type="application/octet-stream")
    (left,) = upload_folder().glob("correction-*")

    delete_abandoned_corrections(now())
    assert left.exists()
    delete_abandoned_corrections(now() + timedelta(days=8))
    assert not left.exists()


@pytest.mark.parametrize(
    "size", ["9" * 5_000, "-1", "x", "٣"], ids=["long", "minus", "x", "arabic"]
)
def test_a_size_that_is_none_is_refused(size: str, browser: Client, rejected: IncomingFile) -> None:
    begin = reverse("admin:ingest_incomingfile_correct", args=[rejected.pk])

    assert browser.post(begin, {"size": size}).json() == {"error": "файл пуст"}
