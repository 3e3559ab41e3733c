"""Rows as the read API answers them. Contacts of clients are ``Contact`` fields, and nothing that
identifies a client beyond them has a field at all.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.campaigns.types import (
    CommunicationState,
    DecisionVerdict,
    HungUpBy,
    Meaning,
    Step,
    SystemDisposition,
    TaskOutcome,
    TaskState,
)
from apps.filters.types import ApplicationStatus, ClientType
from apps.read_api.rest.fields import Contact, Name, Number, Phone
from apps.security.types import Role
from common.serializers import CamelCaseSerializer

CREATED = _("When the row was written")


def _moment(help_text: Any, **options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(help_text=help_text, **options)


def _text(help_text: Any, **options: Any) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, **options)


def _word(words: Any, help_text: Any, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=words.choices, help_text=help_text, **options)


class CampaignRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the campaign"))
    created_at = _moment(CREATED, source="wtime")
    name = _text(_("Name of the campaign"))
    domain = _text(_("The business whose clients are called"))
    active = serializers.BooleanField(help_text=_("Whether the campaign calls"))
    priority = serializers.IntegerField(help_text=_("Higher numbers are called first"))
    time_zone = _text(_("Default time zone of its clients"))
    max_attempts = Number(help_text=_("How often a client is called at most"))


class OperatorRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the operator"))
    created_at = _moment(CREATED, source="wtime")
    login = _text(_("The operator's login"))
    first_name = _text(_("First name of the operator"))
    last_name = _text(_("Last name of the operator"))
    role = _word(Role, _("What the operator may do"))
    locked = serializers.BooleanField(help_text=_("Whether the operator is locked"))


class ApplicationRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the snapshot of the application"))
    created_at = _moment(CREATED, source="wtime")
    stream = _text(_("Name of the data stream"))
    application_number = _text(_("Number of the application"))
    application_created_at = _moment(_("When the application was made"), source="created_at")
    application_changed_at = _moment(_("When the application changed"), source="changed_at")
    application_status = _word(ApplicationStatus, _("How far the application has come"))
    loan_changed_at = _moment(_("When the loan changed"), required=False)
    loan_status = _text(_("How far the loan has come"), required=False)
    scoring_result = _text(_("What scoring decided"), required=False)
    client_type = _word(ClientType, _("Whether the client has had a loan before"))
    phone = Phone()
    last_name = Name(required=False, help_text=_("Last name, or masked"))
    first_name = Name(required=False, help_text=_("First name, or masked"))
    middle_name = Name(required=False, help_text=_("Middle name, or masked"))
    citizenship = _text(_("Country by three letters"), required=False)
    desired_amount = serializers.DecimalField(
        14, 2, required=False, help_text=_("Desired amount, rubles")
    )
    approved_amount = serializers.DecimalField(
        14, 2, required=False, help_text=_("Approved amount, rubles")
    )
    product_type = _text(_("Kind of the loan"), required=False)
    term = Number(required=False, help_text=_("Term of the loan"))
    term_unit = _text(_("Unit of the term"), required=False)


class TaskRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the campaign task"))
    created_at = _moment(CREATED, source="wtime")
    campaign_id = Number(help_text=_("Number of the campaign"))
    phone = Phone()
    state = _word(TaskState, _("How far the task has come"), source="task_state")
    outcome = _word(TaskOutcome, _("Why the task is done"), required=False)
    attempts = Number(help_text=_("Attempts so far"))
    call_not_before = _moment(_("The earliest moment of the call"), source="task_time")
    redial_at = _moment(_("When it is called again"), required=False)
    source_key = _text(_("What the task was made from: application:17"), required=False)
    subject_key = _text(_("Stream and number of the application"), required=False)


class CallRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the call"))
    created_at = _moment(CREATED, source="wtime")
    order_id = Number(help_text=_("Number of the call order"))
    task_id = Number(source="order.task_id", help_text=_("Number of the campaign task"))
    campaign_id = Number(source="order.campaign_id", help_text=_("Number of the campaign"))
    communication_id = Number(required=False, help_text=_("Number of the communication"))
    operator_id = Number(required=False, help_text=_("Number of the operator"))
    phone = Phone(source="order.phone")
    dialled_at = _moment(_("When it was dialled"), required=False)
    ringing_at = _moment(_("When it rang"), required=False)
    connected_at = _moment(_("When client and operator were connected"), required=False)
    ended_at = _moment(_("When it ended"), required=False)
    outcome = _word(
        SystemDisposition,
        _("How the call ended for telephony"),
        source="system_disposition",
        required=False,
    )
    hung_up_by = _word(HungUpBy, _("Who ended the call"), required=False)


class CommunicationRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the communication"))
    campaign_id = Number(source="campaign_task.campaign_id", help_text=_("Number of the campaign"))
    task_id = Number(source="campaign_task_id", help_text=_("Number of the campaign task"))
    operator_id = Number(help_text=_("Number of the operator"))
    phone = Phone()
    state = _word(CommunicationState, _("How far the result has come"))
    started_at = _moment(_("When the conversation began"))
    ended_at = _moment(_("When it ended"), required=False)
    fixed_at = _moment(_("When the result was saved"), required=False)
    result = _text(_("Result that the operator chose"), source="result_details.result", default="")
    reason = _text(_("Reason that the operator chose"), source="result_details.reason", default="")
    meaning = _word(
        Meaning, _("What follows from the result"), source="disposition.meaning", default=None
    )
    comment = Contact(
        source="result_details.comment",
        default="",
        help_text=_("The operator's comment; left out for readers who do not see contacts"),
    )


class DecisionRow(CamelCaseSerializer):
    id = Number(help_text=_("Number of the decision"))
    created_at = _moment(CREATED, source="wtime")
    step = _word(Step, _("Where it was decided"))
    verdict = _word(DecisionVerdict, _("What was decided"))
    rule = _text(_("Name of the filter or rule"))
    reason = _text(_("The reason in words"), required=False)
    phone = Phone()
    source_key = _text(_("What the decision is about: application:17"), required=False)
    campaign_id = Number(required=False, help_text=_("Number of the campaign"))
    task_id = Number(required=False, help_text=_("Number of the campaign task"))
    settings_version = Number(required=False, help_text=_("Version of the settings"))


def row_answer(name: str, row: type[CamelCaseSerializer]) -> type[CamelCaseSerializer]:
    """The answer with one row as its data."""
    return type(f"{name}Answer", (CamelCaseSerializer,), {"status": _status(), "data": row()})


def list_answer(name: str, row: type[CamelCaseSerializer]) -> type[CamelCaseSerializer]:
    """The answer with a page of such rows as its data."""
    fields = {
        "items": row(many=True),
        "next": serializers.CharField(
            required=False,
            help_text=_("The cursor of the next page; absent: this is the last page"),
        ),
    }
    page = type(f"{name}Page", (CamelCaseSerializer,), fields)
    return type(f"{name}ListAnswer", (CamelCaseSerializer,), {"status": _status(), "data": page()})


def _status() -> serializers.CharField:
    return serializers.CharField(help_text="OK")
