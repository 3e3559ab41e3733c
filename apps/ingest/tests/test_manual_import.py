"""The commands: a file imported or checked by hand, and files made up."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.filters.models import Application
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream
from testing.factories.ingest import csv_text, put_file, row, rows

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[3] / "config" / "sample_mobile_loans.csv"


def run(*arguments: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("ingest", *map(str, arguments), "--stream", "MOBILE_LOANS", stdout=out)
    except SystemExit as leaving:
        return int(str(leaving.code)), out.getvalue()
    return 0, out.getvalue()


def test_a_check_of_a_good_file_exits_0_and_stores_nothing(stream: Stream, tmp_path: Path) -> None:
    path = put_file(tmp_path, "a.csv", csv_text(rows(2)))

    code, out = run(path, "--check")

    assert (code, "2" in out) == (0, True)
    assert path.exists()
    assert not IncomingFile.objects.exists()
    assert not Application.objects.exists()


@pytest.mark.parametrize("content", [csv_text([row(phone="8")]), "nonsense", ""])
def test_a_check_of_a_bad_file_says_what_is_wrong_and_exits_1(
    stream: Stream, tmp_path: Path, content: str
) -> None:
    path = put_file(tmp_path, "a.csv", content)

    code, out = run(path, "--check")

    assert code == 1
    assert len(out.splitlines()) == 2
    assert not IncomingFile.objects.exists()


def test_a_broken_rule_is_shown_with_its_place_and_value(stream: Stream, tmp_path: Path) -> None:
    path = put_file(tmp_path, "a.csv", csv_text([row(), row(sex="Ж")]))

    with translation.override("ru"):
        _code, out = run(path, "--check")

    assert out.splitlines() == [
        "строка 3, sex (Пол) «Ж»: допустимые значения: M, F",
        "в файле есть ошибки: прочитано строк 2, с ошибками 1",
    ]


def test_a_check_exits_1_where_bad_rows_would_be_skipped(
    configured: Callable[..., Stream], tmp_path: Path
) -> None:
    configured(**{"on-bad-row": "skip-row"})
    path = put_file(tmp_path, "a.csv", csv_text([row(), row(phone="8")]))

    assert run(path, "--check")[0] == 1


def test_a_file_in_the_streams_folder_is_imported_and_moved(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    path = drop("a.csv", csv_text(rows(2)))

    assert run(path)[0] == 0
    assert (stream.success_folder / "a.csv").exists() is True
    assert Application.objects.count() == 2


def test_a_file_elsewhere_is_imported_and_stays(stream: Stream, tmp_path: Path) -> None:
    path = put_file(tmp_path, "a.csv", csv_text(rows(2)))

    assert run(path)[0] == 0
    assert path.exists()
    assert Application.objects.count() == 2
    assert IncomingFile.objects.get().moved_at


def test_an_unknown_stream_is_refused_by_name(stream: Stream, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="MOBILE_LOANS"):
        call_command("ingest", str(tmp_path / "a.csv"), "--stream", "OTHER")


def test_a_file_that_is_not_there_is_refused_by_name(stream: Stream, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"a\.csv"):
        run(tmp_path / "a.csv")


def test_made_up_applications_are_right_and_the_same_for_the_same_seed(
    stream: Stream, tmp_path: Path
) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        call_command("make_applications", "--rows", "300", "--seed", "5", "--out", str(path))

    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert run(paths[0], "--check")[0] == 0


def test_made_up_applications_may_be_bad(stream: Stream, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    call_command("make_applications", "--rows", "300", "--bad-rows", "7", "--out", str(path))

    run(path)

    assert IncomingFile.objects.get().bad_rows == 7


def test_the_shipped_sample_is_imported_whole(stream: Stream) -> None:
    assert run(SAMPLE, "--check")[0] == 0
