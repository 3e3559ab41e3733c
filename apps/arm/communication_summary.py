"""A communication of the campaign engine, in the record that the workplace shows and stores."""

from collections.abc import Mapping

from apps.arm.types import CommunicationSummary, FilledInResult, OperatorName
from apps.campaigns.types import CommunicationView
from common.clock import parse_moment


def summary_of(communication: CommunicationView) -> CommunicationSummary:
    """What the workplace shows of a communication: without its script and the client's data."""
    return CommunicationSummary(
        id=communication.id,
        phone=communication.phone,
        started_at=communication.started_at,
        ended_at=communication.ended_at,
        campaign_name=communication.campaign_name,
        campaign_description=communication.campaign_description,
        time_zone=communication.campaign_time_zone,
        operator=OperatorName(communication.operator_first_name, communication.operator_last_name),
        application_number=str(communication.client_info.get("application_number") or ""),
        result=_filled_in(communication.result),
    )


def _filled_in(details: Mapping[str, str]) -> FilledInResult:
    callback_at = details.get("callback_at")
    return FilledInResult(
        reason=details.get("reason", ""),
        result=details.get("result", ""),
        comment=details.get("comment", ""),
        callback_at=parse_moment(callback_at) if callback_at else None,
    )
