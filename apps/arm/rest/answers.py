"""Answers of the ARM as the contract has them: every body is written by these, and the published
schema describes them [source appendices Д to М]."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from apps.arm.rest.fields import KOPECKS, RATE, CutText, Day, Moment, MoscowMinute, Whole
from apps.arm.rest.phones import Phone, WholePhone
from apps.arm.types import (
    AGES,
    Change,
    Changes,
    Document,
    FilledInResult,
    OperatorStatus,
    PeriodState,
    PersonAttribute,
    PersonStatus,
    ProductKind,
    TelephonyState,
)
from apps.campaigns.types import DoNotCallEffect
from common.serializers import CamelCaseSerializer

OK = "OK"
# time without a token is not told
STATES_OF_A_DAY = [
    (state.value, state.label) for state in PeriodState if state is not PeriodState.SIGNED_OUT
]


class StatusResponseDto(CamelCaseSerializer):
    status = serializers.CharField(help_text=_("OK, or the word for what is wrong"))


class OperatorNameSerializer(CamelCaseSerializer):
    name = serializers.CharField(source="first_name", help_text=_("First name"))
    last_name = serializers.CharField(help_text=_("Last name"))


class ArmTokenDto(CamelCaseSerializer):
    token = serializers.CharField(max_length=2048, help_text=_("The token: send it as Bearer"))
    operator = OperatorNameSerializer(source="*")
    other_places = Whole(
        help_text=_("At how many other places the operator is logged in; takeOver ends them")
    )


class ArmLoginResponseDto(StatusResponseDto):
    data = ArmTokenDto(required=False)  # type: ignore[assignment]


class IsAny(serializers.BooleanField):
    """True for a list with something in it."""

    def to_representation(self, value: Any) -> bool:
        return bool(value)


class HasChangesDto(CamelCaseSerializer):
    has_changes = IsAny(source="names", help_text=_("Whether there is anything to react to"))
    changes = serializers.ListField(
        source="names",
        child=serializers.ChoiceField(choices=Change.choices),
        help_text=_("What to react to"),
    )
    operator_status = serializers.ChoiceField(
        source="status", choices=OperatorStatus.choices, help_text=_("What the operator is doing")
    )
    communication_id = Whole(required=False, help_text=_("The conversation the operator is in"))
    result_due_at = Moment(required=False, help_text=_("Until when the result may be saved, UTC"))
    telephony = serializers.ChoiceField(
        choices=TelephonyState.choices,
        required=False,
        help_text=_("What keeps telephony from taking over the status; absent: nothing"),
    )
    other_places = Whole(
        required=False,
        help_text=_("At how many other places the operator is logged in; absent: at none"),
    )


class HasChangesResponseDto(StatusResponseDto):
    data = HasChangesDto(required=False)  # type: ignore[assignment]


# no docstring: the published schema would give it to the body. event_stream.py writes it.
class ChangesEventDto(CamelCaseSerializer):
    event = serializers.ChoiceField(
        choices=["changes", "end"], help_text=_("changes; end: the last one of a stream")
    )
    id = serializers.CharField(
        required=False, help_text=_("Stands for the state that the event tells")
    )
    retry = serializers.IntegerField(
        required=False, help_text=_("Milliseconds after which a lost stream is opened again")
    )
    data = serializers.CharField(  # type: ignore[assignment]
        help_text=_("An answer of hasChanges; of the event end, why it ends")
    )


@lru_cache(maxsize=1_024)  # most operators wait for a call, and their answers are the same
def has_changes_body(changes: Changes) -> bytes:
    """The body of hasChanges, written: it is asked so often that Django is not always there."""
    body = HasChangesResponseDto.body_of({"status": OK, "data": changes})
    written: bytes = JSONRenderer().render(body)
    return written


class CampaignDto(CamelCaseSerializer):
    display_name = serializers.CharField(
        source="campaign_name", max_length=64, help_text=_("Name of the campaign")
    )
    description = serializers.CharField(
        source="campaign_description", max_length=256, help_text=_("Short advice to the operator")
    )


class FilledInResultSerializer(CamelCaseSerializer):
    reason = serializers.CharField(required=False, help_text=_("Reason"))
    result = serializers.CharField(required=False, help_text=_("Result"))
    comment = serializers.CharField(required=False, help_text=_("Comment"))
    callback_time = MoscowMinute(source="callback_at", required=False)


class CommunicationDto(CamelCaseSerializer):
    time = MoscowMinute(source="started_at")
    id = Whole(help_text=_("Number of the communication"))
    campaign = CampaignDto(source="*", required=False)
    call_phone = Phone(source="phone")
    result = FilledInResultSerializer(required=False)
    operator = OperatorNameSerializer()
    do_id = serializers.CharField(
        source="application_number",
        max_length=32,
        required=False,
        help_text=_("Number of the application or loan"),
    )
    call_ended_at = Moment(
        source="ended_at", required=False, help_text=_("When the call ended, UTC")
    )
    person_unknown = serializers.BooleanField(
        required=False,
        help_text=_("The number has changed hands: this may concern its former owner"),
    )


class CalledCampaignDto(CampaignDto):
    time_zone = serializers.CharField(
        required=False,
        help_text=_("Time zone of the campaign's clients, such as Asia/Krasnoyarsk"),
    )


class CurrentCommunicationDto(CommunicationDto):
    campaign = CalledCampaignDto(source="*", required=False)
    call_started_at = Moment(source="started_at", help_text=_("When the call started, UTC"))


class ResultByKey(serializers.DictField):
    """What was filled in, by keys that only the cards for rework have."""

    child = serializers.CharField()

    def to_representation(self, value: Any) -> dict[str, str]:
        result: FilledInResult = value
        texts = {"REASON": result.reason, "RESULT": result.result, "COMMENT": result.comment}
        return {key: text for key, text in texts.items() if text}


class ReworkDto(CommunicationDto):
    result = ResultByKey(required=False, help_text=_("REASON, RESULT, COMMENT"))  # type: ignore[assignment]


class ReworkListDto(CamelCaseSerializer):
    communications = ReworkDto(many=True)


class CommunicationListResponseDto(StatusResponseDto):
    data = ReworkListDto(required=False)  # type: ignore[assignment]


class ClientFullName(CamelCaseSerializer):
    name = CutText(source="first", max_length=32)
    last_name = CutText(source="last", max_length=32)
    middle_name = CutText(source="middle", max_length=32, required=False)


class ClientInfoDto(CamelCaseSerializer):
    phone = Phone()
    full_name_ru = ClientFullName(source="name_ru", required=False)
    full_name_en = ClientFullName(source="name_en", required=False)
    citizenship = CutText(max_length=92, required=False)
    birth_date = Day(source="born_on", required=False)
    age = serializers.IntegerField(min_value=AGES[0], max_value=AGES[-1], required=False)


class DictionaryItemSerializer(CamelCaseSerializer):
    dictionary_key = serializers.CharField(source="key")
    dictionary_value = serializers.CharField(source="value")


class DocumentErrorSerializer(CamelCaseSerializer):
    error_description = serializers.CharField(source="description")
    advice = serializers.CharField(help_text=_("What to advise the client"))


class AppDocument(CamelCaseSerializer):
    name = CutText(max_length=32)
    document_dict = DictionaryItemSerializer(source="kind", required=False)
    status = serializers.CharField(max_length=32)
    errors = DocumentErrorSerializer(many=True, required=False)  # type: ignore[assignment]

    def to_representation(self, instance: Document) -> dict[str, Any]:
        """A document without errors has no such key."""
        body = super().to_representation(instance)
        return body if instance.errors else {key: body[key] for key in body if key != "errors"}


class ProductDto(CamelCaseSerializer):
    type = serializers.ChoiceField(source="kind", choices=ProductKind.choices)
    number = serializers.CharField()
    start_time = MoscowMinute(source="started_at")
    end_time = MoscowMinute(source="ended_at")
    status_dict = DictionaryItemSerializer(source="status", required=False)
    product_dict = DictionaryItemSerializer(source="product", required=False)
    requested_amount = Whole(help_text=KOPECKS, required=False)
    approved_amount = Whole(help_text=KOPECKS, required=False)
    term = Whole()
    term_unit_dict = DictionaryItemSerializer(source="term_unit", required=False)
    grace = Whole()
    grace_unit_dict = DictionaryItemSerializer(source="grace_unit", required=False)
    filling = AppDocument(source="documents", many=True, required=False)
    current = serializers.BooleanField()
    retail_chain_name_dict = DictionaryItemSerializer(source="retail_chain", required=False)
    device_os_dict = DictionaryItemSerializer(source="device_os", required=False)
    credit_method_dict = DictionaryItemSerializer(source="credit_method", required=False)
    flow = serializers.CharField(required=False)
    interest_rate = Whole(help_text=RATE, required=False)


class OfferDto(CamelCaseSerializer):
    code = serializers.CharField()
    name = serializers.CharField()
    min_amount = Whole(help_text=KOPECKS)
    max_amount = Whole(help_text=KOPECKS)
    interest_rate = Whole(help_text=RATE)
    min_term = Whole()
    max_term = Whole()
    term_unit = serializers.CharField()


class PersonCheckSerializer(CamelCaseSerializer):
    status = serializers.ChoiceField(
        choices=PersonStatus.choices,
        help_text=_(
            "DIFFERENT: the phone is known as another person's, whose data are withheld. "
            "Say nothing of loans"
        ),
    )
    differs = serializers.ListField(
        child=serializers.ChoiceField(choices=PersonAttribute.choices),
        help_text=_("In what the two differ: name, birthDate, document"),
    )


class ClientCardDto(CamelCaseSerializer):
    client_info = ClientInfoDto(source="prepared.client")
    current_communication = CurrentCommunicationDto(source="communication")
    product_list = ProductDto(source="prepared.products", many=True, required=False)
    offers = OfferDto(source="prepared.offers", many=True, required=False)
    history = CommunicationDto(source="prepared.history", many=True, required=False)
    history_withheld = Whole(
        source="prepared.history_withheld",
        required=False,
        help_text=_("How many conversations with other persons on this number are not shown"),
    )
    unavailable = serializers.ListField(
        source="prepared.unavailable",
        child=serializers.CharField(),
        required=False,
        help_text=_("Parts that a service did not answer for in time: applications, offers"),
    )
    pending = serializers.ListField(
        source="prepared.pending",
        child=serializers.CharField(),
        required=False,
        help_text=_("Parts that are still asked for; CLIENT_CARD_READY comes again with them"),
    )
    person_check = PersonCheckSerializer(
        source="prepared.person_check",
        required=False,
        help_text=_("Whether the service's client is the application's; absent: it knows nobody"),
    )
    script = serializers.CharField(
        source="prepared.script", help_text=_("Script of the conversation")
    )


class ClientCardDataDto(CamelCaseSerializer):
    client_card = ClientCardDto(source="*")


class GetClientCardResponseDto(StatusResponseDto):
    data = ClientCardDataDto(required=False)  # type: ignore[assignment]


class RevealedPhoneDto(CamelCaseSerializer):
    phone = WholePhone()


class RevealPhoneResponseDto(StatusResponseDto):
    data = RevealedPhoneDto(required=False)  # type: ignore[assignment]


class ReasonDto(CamelCaseSerializer):
    id = Whole()
    text = serializers.CharField()


class ResultDto(ReasonDto):
    meaning = serializers.CharField()
    needs_callback_time = serializers.BooleanField()


class CorrectedDto(CamelCaseSerializer):
    version = Whole(help_text=_("Version of the result now"))
    task_follows = serializers.BooleanField(
        help_text=_("False: a later call, result or task of the client decides what follows")
    )
    do_not_call = serializers.ChoiceField(
        choices=DoNotCallEffect.choices,
        help_text=_(
            "What became of the client on the do-not-call list. STAYS: another conversation, or "
            "somebody else, put the client there too"
        ),
    )


class CorrectResultResponseDto(StatusResponseDto):
    data = CorrectedDto(required=False)  # type: ignore[assignment]


class DictionariesDto(CamelCaseSerializer):
    reasons = ReasonDto(many=True)
    results = ResultDto(many=True)


class DictionariesResponseDto(StatusResponseDto):
    data = DictionariesDto(required=False)  # type: ignore[assignment]


class ResultCountDto(CamelCaseSerializer):
    result = serializers.CharField(help_text=_("Result"))
    number = Whole(help_text=_("How often it was saved"))


class PromisedCallDto(CamelCaseSerializer):
    id = Whole(help_text=_("Number of the communication"))
    call_phone = Phone(source="phone")
    time = MoscowMinute(source="at")
    campaign = serializers.CharField(source="campaign_name", help_text=_("Name of the campaign"))


class DayTalkDto(CommunicationDto):
    version = Whole(help_text=_("Version of the result: 1, and one more with each correction"))
    correctable_until = Moment(
        required=False, help_text=_("Until when correctResult takes a correction, UTC")
    )


class StateTimeDto(CamelCaseSerializer):
    state = serializers.ChoiceField(
        choices=STATES_OF_A_DAY,
        help_text=_("What the operator was doing"),
    )
    break_reason = serializers.CharField(
        required=False, help_text=_("Reason of the break, if there is one")
    )
    seconds = Whole(help_text=_("How long since midnight in Moscow, seconds"))


class DayDto(CamelCaseSerializer):
    talks = Whole(help_text=_("Conversations since midnight in Moscow"))
    talk_seconds = Whole(help_text=_("How long they lasted, seconds"))
    results = ResultCountDto(many=True)
    states = StateTimeDto(many=True)
    promised = PromisedCallDto(many=True, help_text=_("Callbacks that wait, soonest first"))
    latest = DayTalkDto(many=True, help_text=_("The latest conversations, newest first"))


class DayResponseDto(StatusResponseDto):
    data = DayDto(required=False)  # type: ignore[assignment]
