"""A worker that is killed at any step: every row of a list is imported once."""

import pytest
from pytest_django import Settings

from apps.filters.models import Application, JudgementBatch
from apps.ingest.call_lists.asking import confirm_list, map_columns, proposed_columns
from apps.ingest.call_lists.list_files import uploaded_path
from apps.ingest.models import CallList, CallListRow, IncomingFile
from apps.ingest.states import CallListState
from apps.ingest.streams import Stream
from apps.ingest.tests.killing import kill_a_poller_at
from common.clock import now
from testing.call_lists import ROWS, checked, csv_list, uploaded, worked_on
from testing.factories.filters import CascadeFactory
from testing.factories.security import SeniorOperatorFactory

pytestmark = pytest.mark.django_db(transaction=True)
WORK = "testing.call_lists.work_on_all"
CHECK = "apps.ingest.call_lists.advancing"
IMPORT = "apps.ingest.call_lists.importing"
WRONG = ("12", "Сидоров", "")


@pytest.mark.parametrize(
    "step",
    [
        (f"{IMPORT}._record", "after"),
        ("apps.filters.application_import._copy", "after"),
        (f"{IMPORT}._store", "after"),
        (f"{IMPORT}._count", "after"),
        (f"{IMPORT}.read_rows", "before"),
    ],
    ids=".".join,
)
def test_a_killed_import_leaves_all_of_a_slice_or_nothing(
    stream: Stream, settings: Settings, step: tuple[str, str]
) -> None:
    call_list = checked(csv_list(*ROWS, WRONG))
    confirm_list(call_list, call_list.author_id, now())

    kill_a_poller_at(step, settings.CONFIG_DIR, settings.CSV_BASE_FOLDER, WORK)

    assert not Application.objects.exists()
    assert not IncomingFile.objects.exists()
    assert worked_on(call_list).state == CallListState.IMPORTED
    assert Application.objects.count() == 2
    assert JudgementBatch.objects.count() == IncomingFile.objects.count() == 1


def test_a_killed_check_is_made_again_and_counts_once(stream: Stream, settings: Settings) -> None:
    call_list = uploaded(csv_list(*ROWS, WRONG))
    map_columns(call_list, proposed_columns(call_list))
    step = (f"{CHECK}.sort_rows", "after")

    kill_a_poller_at(step, settings.CONFIG_DIR, settings.CSV_BASE_FOLDER, WORK)

    assert not CallListRow.objects.exists()
    call_list = worked_on(call_list)
    assert (call_list.state, call_list.refused) == ("CHECKED", 1)
    assert CallListRow.objects.count() == 1


def test_a_killed_reading_is_done_again(stream: Stream, settings: Settings) -> None:
    content = csv_list(*ROWS)
    call_list = CallList.objects.create(
        campaign=CascadeFactory.create().campaign,
        author=SeniorOperatorFactory.create(),
        name="a.csv",
        size=len(content),
        state=CallListState.READING,
    )
    uploaded_path(call_list).write_bytes(content)

    step = ("apps.ingest.uploaded_rows._write_text_rows", "after")
    kill_a_poller_at(step, settings.CONFIG_DIR, settings.CSV_BASE_FOLDER, WORK)

    assert worked_on(call_list).state == CallListState.MAPPING
