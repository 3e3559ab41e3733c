"""System checks of the streams, and of the cascades that take them."""

from pathlib import Path

import pytest
from pytest_django import Settings

from apps.ingest.checks import (
    configured_cascades_take_known_streams,
    stored_cascades_take_known_streams,
)
from testing.factories.filters import CascadeFactory

CAMPAIGN = "events-analyser: {campaigns: [{campaign-id: 7, data-streams: %s}]}"


@pytest.mark.parametrize(("stream", "warnings"), [("MOBILE_LOANS", 0), ("MOBILE_LOAN", 1)])
def test_a_stream_that_no_file_arrives_in_is_remarked_at_the_start(
    tmp_path: Path, settings: Settings, stream: str, warnings: int
) -> None:
    (tmp_path / "campaigns.yaml").write_text(CAMPAIGN % stream, encoding="utf-8")
    (tmp_path / "streams.yaml").write_bytes((settings.CONFIG_DIR / "streams.yaml").read_bytes())
    settings.CONFIG_DIR = tmp_path

    found = configured_cascades_take_known_streams()

    assert [warning.id for warning in found] == ["filters.W002"] * warnings


def test_a_wrong_campaigns_file_is_left_to_the_check_of_the_filters(
    tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "campaigns.yaml").write_text(CAMPAIGN % "[]", encoding="utf-8")
    (tmp_path / "streams.yaml").write_bytes((settings.CONFIG_DIR / "streams.yaml").read_bytes())
    settings.CONFIG_DIR = tmp_path

    assert configured_cascades_take_known_streams() == []


@pytest.mark.django_db
def test_the_warning_about_a_stored_cascade_names_its_campaign_and_the_streams_there_are() -> None:
    CascadeFactory.create()
    wrong = CascadeFactory.create(settings={"data-streams": ["MOBILE_LOAN"], "filters-order": []})

    (warning,) = stored_cascades_take_known_streams()

    assert warning.id == "filters.W002"
    assert str(wrong.campaign_id) in str(warning)
    assert "MOBILE_LOAN " in warning.msg
    assert "MOBILE_LOANS" in warning.msg
