"""Answers of the ARM as the contract has them: what the schema tells of them.

Nothing is serialised through these: the bodies are made in ``client_card`` and the views, and the
tests check that each fits its answer here and in the contract.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

MOSCOW_MINUTE = r"^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}$"
KOPECKS = _("kopecks")


def _minute(**options: Any) -> serializers.RegexField:
    help_text = options.pop("help_text", _("Moscow time: 01.12.2019 12:45"))
    return serializers.RegexField(MOSCOW_MINUTE, help_text=help_text, **options)


def _phone() -> serializers.RegexField:
    return serializers.RegexField(
        r"^[0-9]{11}$", min_length=11, max_length=11, help_text=_("Phone: 79963802789")
    )


def _whole(help_text: Any = None, **options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, help_text=help_text, **options)


class StatusResponseDto(serializers.Serializer[Any]):
    status = serializers.CharField(help_text=_("OK, or the word for what is wrong"))


class ErrorResponseDto(StatusResponseDto):
    description = serializers.CharField(help_text=_("What is wrong, for people"))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("What is wrong, by field"),
    )


class OperatorName(serializers.Serializer[Any]):
    name = serializers.CharField(help_text=_("First name"))
    lastName = serializers.CharField(help_text=_("Last name"))  # noqa: N815


class ArmTokenDto(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=2048, help_text=_("The token: send it as Bearer"))
    operator = OperatorName()


class ArmLoginResponseDto(StatusResponseDto):
    data = ArmTokenDto(required=False)  # type: ignore[assignment]


class HasChangesDto(serializers.Serializer[Any]):
    hasChanges = serializers.BooleanField(help_text=_("Whether there is anything to react to"))  # noqa: N815
    changes = serializers.ListField(
        child=serializers.CharField(max_length=32),
        help_text=_("CLIENT_CARD_READY, CALL_FINISHED, REWORK_LIST_CHANGED"),
    )
    operatorStatus = serializers.ChoiceField(  # noqa: N815
        choices=["READY", "BREAK", "IN_CALL", "WRAP_UP", "OFFLINE"],
        help_text=_("What the operator is doing"),
    )
    communicationId = _whole(_("The conversation the operator is in"), required=False)  # noqa: N815
    resultDueAt = serializers.DateTimeField(  # noqa: N815
        required=False, help_text=_("Until when the result may be saved, UTC")
    )


class HasChangesResponseDto(StatusResponseDto):
    data = HasChangesDto(required=False)  # type: ignore[assignment]


class CampaignDto(serializers.Serializer[Any]):
    displayName = serializers.CharField(max_length=64, help_text=_("Name of the campaign"))  # noqa: N815
    description = serializers.CharField(
        max_length=256, required=False, help_text=_("Short advice to the operator")
    )


class FilledInResult(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, help_text=_("Reason"))
    result = serializers.CharField(required=False, help_text=_("Result"))
    comment = serializers.CharField(required=False, help_text=_("Comment"))
    callbackTime = _minute(required=False)  # noqa: N815


class CommunicationDto(serializers.Serializer[Any]):
    time = _minute()
    id = _whole(_("Number of the communication"))
    campaign = CampaignDto(required=False)
    callPhone = _phone()  # noqa: N815
    result = FilledInResult(required=False)
    operator = OperatorName()
    doId = serializers.CharField(  # noqa: N815
        max_length=32, required=False, help_text=_("Number of the application or loan")
    )
    callEndedAt = serializers.DateTimeField(required=False, help_text=_("When the call ended, UTC"))  # noqa: N815


class ReworkDto(CommunicationDto):
    result = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), required=False, help_text=_("REASON, RESULT, COMMENT")
    )


class ReworkListDto(serializers.Serializer[Any]):
    communications = ReworkDto(many=True)


class CommunicationListResponseDto(StatusResponseDto):
    data = ReworkListDto(required=False)  # type: ignore[assignment]


class ClientFullName(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=32)
    lastName = serializers.CharField(max_length=32)  # noqa: N815
    middleName = serializers.CharField(max_length=32, required=False)  # noqa: N815


class ClientInfoDto(serializers.Serializer[Any]):
    phone = _phone()
    fullNameRu = ClientFullName(required=False)  # noqa: N815
    fullNameEn = ClientFullName(required=False)  # noqa: N815
    citizenship = serializers.CharField(max_length=92, required=False)
    birthDate = serializers.RegexField(r"^\d{2}\.\d{2}\.\d{4}$", required=False)  # noqa: N815
    age = serializers.IntegerField(min_value=18, max_value=128, required=False)


class DictionaryItem(serializers.Serializer[Any]):
    dictionaryKey = serializers.CharField()  # noqa: N815
    dictionaryValue = serializers.CharField()  # noqa: N815


class DocumentError(serializers.Serializer[Any]):
    errorDescription = serializers.CharField()  # noqa: N815
    advice = serializers.CharField(help_text=_("What to advise the client"))


class AppDocument(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=32)
    documentDict = DictionaryItem(required=False)  # noqa: N815
    status = serializers.CharField(max_length=32)
    errors = DocumentError(many=True, required=False)  # type: ignore[assignment]


class ProductDto(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=["APPLICATION", "LOAN"])
    number = serializers.CharField()
    startTime = _minute()  # noqa: N815
    endTime = _minute()  # noqa: N815
    statusDict = DictionaryItem(required=False)  # noqa: N815
    productDict = DictionaryItem(required=False)  # noqa: N815
    requestedAmount = _whole(KOPECKS, required=False)  # noqa: N815
    approvedAmount = _whole(KOPECKS, required=False)  # noqa: N815
    term = _whole()
    termUnitDict = DictionaryItem(required=False)  # noqa: N815
    grace = _whole()
    graceUnitDict = DictionaryItem(required=False)  # noqa: N815
    filling = AppDocument(many=True, required=False)
    current = serializers.BooleanField()
    retailChainNameDict = DictionaryItem(required=False)  # noqa: N815
    deviceOsDict = DictionaryItem(required=False)  # noqa: N815
    creditMethodDict = DictionaryItem(required=False)  # noqa: N815
    flow = serializers.CharField(required=False)
    interestRate = _whole(_("per day, % × 100"), required=False)  # noqa: N815


class OfferDto(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    minAmount = _whole(KOPECKS)  # noqa: N815
    maxAmount = _whole(KOPECKS)  # noqa: N815
    interestRate = _whole(_("per day, % × 100"))  # noqa: N815
    minTerm = _whole()  # noqa: N815
    maxTerm = _whole()  # noqa: N815
    termUnit = serializers.CharField()  # noqa: N815


class ClientCardDto(serializers.Serializer[Any]):
    clientInfo = ClientInfoDto()  # noqa: N815
    currentCommunication = CommunicationDto()  # noqa: N815
    productList = ProductDto(many=True, required=False)  # noqa: N815
    offers = OfferDto(many=True, required=False)
    history = CommunicationDto(many=True, required=False)
    unavailable = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=_("Parts that a service did not answer for in time: applications, offers"),
    )
    script = serializers.CharField(required=False, help_text=_("Script of the conversation"))


class ClientCardDataDto(serializers.Serializer[Any]):
    clientCard = ClientCardDto()  # noqa: N815


class GetClientCardResponseDto(StatusResponseDto):
    data = ClientCardDataDto(required=False)  # type: ignore[assignment]


class ReasonDto(serializers.Serializer[Any]):
    id = _whole()
    text = serializers.CharField()


class ResultDto(ReasonDto):
    meaning = serializers.CharField()
    needsCallbackTime = serializers.BooleanField()  # noqa: N815


class DictionariesDto(serializers.Serializer[Any]):
    reasons = ReasonDto(many=True)
    results = ResultDto(many=True)


class DictionariesResponseDto(StatusResponseDto):
    data = DictionariesDto(required=False)  # type: ignore[assignment]
