"""What became of the stored rows of a file, in words for people."""

import pytest

from apps.filters.judged_rows import judged_rows
from apps.filters.models import Verdict
from testing.factories.filters import ApplicationFactory, CascadeFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "title"),
    [("AGE", "возраст"), ("ML_PHONE", "проверка телефона"), ("CASCADE", "все фильтры")],
)
def test_the_filter_of_a_row_is_named_as_in_the_story(rule: str, title: str) -> None:
    application = ApplicationFactory.create()
    verdict = Verdict.objects.create(
        application=application,
        campaign=CascadeFactory.create().campaign,
        settings_version=1,
        state="STOPPED",
        rule=rule,
    )

    (row,) = judged_rows(application.file_id, application.pk, application.pk, verdict.campaign_id)

    assert row.rule == title
