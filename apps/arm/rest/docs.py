"""The published description of the ARM's operations and fields, with examples.

A new field of the API needs its line here where its ``help_text`` does not say enough; a test names
the fields that lack one.
"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.api_docs import TOKEN, FieldDocs, describe_fields, describe_operations

OPERATIONS = {
    "armLogin": _(
        "Gives the token that every other request carries as Authorization: Bearer, and "
        "opens the operator's session in telephony."
    ),
    "armLogout": _(
        "Ends the token at once. With the operator's last token the session in "
        "telephony is closed too."
    ),
    "armTakeOver": _(
        "Ends every other token of the operator. Requests with them are answered ACCESS_DENIED, "
        "with error_description=elsewhere in WWW-Authenticate."
    ),
    "armHasChanges": _(
        "Ask it once a second. It tells the present state, so a lost answer loses "
        "nothing: CLIENT_CARD_READY until the card was fetched, and again when the card "
        "is more complete; CALL_FINISHED from the end of the call until the result is "
        "saved; REWORK_LIST_CHANGED until the list was fetched."
    ),
    "armGetClientCard": _(
        "The card of the call that goes on, or whose result is awaited. What is known "
        "without asking a service is there at once; parts that are still asked for are "
        "named in pending, parts that could not be had in unavailable."
    ),
    "armGetClientCardByCommunicationId": _(
        "The card of a communication from the list for rework. A colleague's "
        "communication looks as if there were none."
    ),
    "armListCommunications": _(
        "The operator's drafts, and communications whose call has ended without a "
        "result; oldest first."
    ),
    "armSaveCommunicationDraft": _(
        "Keeps what is filled in so far; may be repeated as the operator types. During "
        "the call and the time for the result nothing else changes. An empty field does "
        "not erase what an earlier draft held."
    ),
    "armSaveCommunicationResult": _(
        "Saves the result for good, during the call or after it. Saving the same again "
        "is OK, a different one is CONFLICT."
    ),
    "armCorrectResult": _(
        "Replaces a saved result of the operator's own for some minutes after it was saved "
        "(correctableUntil of day). The old one is kept. The task, its redial and the do-not-call "
        "list follow as if the new one had been saved at once. The same again is OK."
    ),
    "armDictionaries": _("The words that communicationResult takes in this campaign."),
    "armSetStatus": _(
        "READY: the next call may come. BREAK: none comes; a call that goes on is not interrupted."
    ),
    "armDay": _(
        "Since midnight in Moscow: conversations, their length, saved results; the callbacks "
        "that wait, and the latest conversations."
    ),
    "armRevealPhone": _(
        "For installations that answer phones masked. Only the current communication "
        "has a number to reveal; each reveal is recorded in the access log. NOT_FOUND "
        "also where the installation does not allow it."
    ),
}

FIELDS = {
    "AppDocument.name": FieldDocs(description=_("Name of the document"), example="Селфи/ДУЛ"),
    "AppDocument.documentDict": FieldDocs(description=_("Kind of the document")),
    "AppDocument.status": FieldDocs(
        description=_("State of the document; ERROR: something is wrong with it"), example="ERROR"
    ),
    "AppDocument.errors": FieldDocs(description=_("What is wrong with the document")),
    "ArmLoginRequestDto.login": FieldDocs(example="somelogin"),
    "ArmLoginRequestDto.password": FieldDocs(example="somepassword"),
    "ArmLoginRequestDto.takeOver": FieldDocs(example=False),
    "ArmTokenDto.otherPlaces": FieldDocs(example=0),
    "ArmLoginResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "ArmLoginResponseDto.status": FieldDocs(example="OK"),
    "ArmTokenDto.token": FieldDocs(example=TOKEN),
    "ArmTokenDto.operator": FieldDocs(description=_("Who has logged in")),
    "CampaignDto.displayName": FieldDocs(example="Доведи до займа"),
    "CampaignDto.description": FieldDocs(example="Короткая рекомендация, как продать заем"),
    "ClientCardDataDto.clientCard": FieldDocs(description=_("The client card")),
    "ClientCardDto.clientInfo": FieldDocs(description=_("Who is called")),
    "ClientCardDto.currentCommunication": FieldDocs(
        description=_("The communication that the card is about")
    ),
    "ClientCardDto.productList": FieldDocs(
        description=_("Applications and loans of the client, newest first")
    ),
    "ClientCardDto.offers": FieldDocs(description=_("Products to offer")),
    "ClientCardDto.history": FieldDocs(
        description=_("Earlier communications with this phone in all campaigns, newest first")
    ),
    "CalledCampaignDto.displayName": FieldDocs(example="Доведи до займа"),
    "CalledCampaignDto.description": FieldDocs(example="Короткая рекомендация, как продать заем"),
    "CalledCampaignDto.timeZone": FieldDocs(example="Asia/Krasnoyarsk"),
    "ChangesEventDto.event": FieldDocs(example="changes"),
    "ChangesEventDto.id": FieldDocs(example="5d41402abc4b2a76"),
    "ChangesEventDto.retry": FieldDocs(example=1000),
    "ChangesEventDto.data": FieldDocs(
        example='{"status":"OK","data":{"hasChanges":false,"changes":[],"operatorStatus":"READY"}}'
    ),
    "ClientCardDto.historyWithheld": FieldDocs(example=1),
    "ClientCardDto.unavailable": FieldDocs(example=["offers"]),
    "ClientCardDto.pending": FieldDocs(example=["applications", "offers"]),
    "ClientCardDto.script": FieldDocs(example="Добрый день! Удобно говорить?"),
    "ClientFullName.name": FieldDocs(description=_("First name"), example="Иван"),
    "ClientFullName.lastName": FieldDocs(description=_("Last name"), example="Иванов"),
    "ClientFullName.middleName": FieldDocs(description=_("Patronymic"), example="Иванович"),
    "ClientInfoDto.fullNameRu": FieldDocs(description=_("Full name in Russian letters")),
    "ClientInfoDto.fullNameEn": FieldDocs(description=_("Full name in Latin letters")),
    "ClientInfoDto.citizenship": FieldDocs(description=_("Citizenship"), example="Россия"),
    "ClientInfoDto.birthDate": FieldDocs(description=_("Birth date"), example="12.05.1995"),
    "ClientInfoDto.age": FieldDocs(
        description=_("Age in full years; absent below 18 and where it is unknown"), example=27
    ),
    "CommunicationDto.time": FieldDocs(
        description=_("When the conversation began, Moscow time"), example="01.12.2019 12:45"
    ),
    "CommunicationDto.id": FieldDocs(example=123456789),
    "CommunicationDto.campaign": FieldDocs(description=_("The campaign of the call")),
    "CommunicationDto.result": FieldDocs(description=_("What the operator filled in")),
    "CommunicationDto.operator": FieldDocs(description=_("Who talked with the client")),
    "CommunicationDto.doId": FieldDocs(example="34697463"),
    "CommunicationDto.personUnknown": FieldDocs(example=True),
    "CommunicationDto.callEndedAt": FieldDocs(example="2019-12-01T09:49:00+00:00"),
    "CommunicationIdRequestDto.communicationId": FieldDocs(example=123456789),
    "CommunicationListResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "CommunicationListResponseDto.status": FieldDocs(example="OK"),
    "CommunicationResult.reason": FieldDocs(example="Не было с собой документа"),
    "CommunicationResult.result": FieldDocs(example="Заполнит позже"),
    "CommunicationResult.comment": FieldDocs(example="Просит напомнить вечером"),
    "CommunicationResult.callbackTime": FieldDocs(example="01.12.2030 12:45"),
    "DictionariesDto.reasons": FieldDocs(
        description=_("Reasons to choose from; choosing none is right too")
    ),
    "DictionariesDto.results": FieldDocs(description=_("Results to choose from")),
    "DictionariesResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "DictionariesResponseDto.status": FieldDocs(example="OK"),
    "DictionaryItem.dictionaryKey": FieldDocs(description=_("Key of the value"), example="day"),
    "DictionaryItem.dictionaryValue": FieldDocs(description=_("The value in words"), example="дн"),
    "DocumentError.errorDescription": FieldDocs(
        description=_("What is wrong"), example="Плохое качество"
    ),
    "DocumentError.advice": FieldDocs(example="Сделайте фото при хорошем свете"),
    "ErrorResponseDto.status": FieldDocs(example="INVALID_REQUEST"),
    "ErrorResponseDto.description": FieldDocs(
        example="Неверный запрос: clientPhone: Обязательное поле."
    ),
    "ErrorResponseDto.errors": FieldDocs(example={"clientPhone": ["Обязательное поле."]}),
    "FilledInResult.reason": FieldDocs(example="Не было с собой документа"),
    "FilledInResult.result": FieldDocs(example="Заполнит позже"),
    "FilledInResult.comment": FieldDocs(example="Просит напомнить вечером"),
    "FilledInResult.callbackTime": FieldDocs(
        description=_("When to call back, Moscow time"), example="01.12.2030 12:45"
    ),
    "GetClientCardResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "GetClientCardResponseDto.status": FieldDocs(example="OK"),
    "HasChangesDto.hasChanges": FieldDocs(example=True),
    "HasChangesDto.changes": FieldDocs(example=["CLIENT_CARD_READY"]),
    "HasChangesDto.operatorStatus": FieldDocs(example="IN_CALL"),
    "HasChangesDto.communicationId": FieldDocs(example=123456789),
    "HasChangesDto.resultDueAt": FieldDocs(example="2019-12-01T09:50:00+00:00"),
    "HasChangesDto.telephony": FieldDocs(example="CONNECTING"),
    "HasChangesDto.otherPlaces": FieldDocs(example=1),
    "HasChangesResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "HasChangesResponseDto.status": FieldDocs(example="OK"),
    "OfferDto.code": FieldDocs(description=_("Code of the product"), example="express"),
    "OfferDto.name": FieldDocs(description=_("Name of the product"), example="До зарплаты"),
    "OfferDto.minAmount": FieldDocs(description=_("The smallest amount, kopecks"), example=100000),
    "OfferDto.maxAmount": FieldDocs(description=_("The largest amount, kopecks"), example=3000000),
    "OfferDto.interestRate": FieldDocs(description=_("Interest rate per day, % × 100"), example=80),
    "OfferDto.minTerm": FieldDocs(description=_("The shortest term"), example=7),
    "OfferDto.maxTerm": FieldDocs(description=_("The longest term"), example=30),
    "OfferDto.termUnit": FieldDocs(description=_("Unit of the terms"), example="дн"),
    "CorrectedDto.version": FieldDocs(example=2),
    "CorrectedDto.taskFollows": FieldDocs(example=True),
    "CorrectedDto.doNotCall": FieldDocs(example="NONE"),
    "CorrectResultRequestDto.communicationId": FieldDocs(example=123456789),
    "CorrectResultRequestDto.communicationResult": FieldDocs(
        description=_("What the result should have been, whole")
    ),
    "CorrectResultRequestDto.version": FieldDocs(example=1),
    "CorrectResultResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "CorrectResultResponseDto.status": FieldDocs(example="OK"),
    "CurrentCommunicationDto.time": FieldDocs(
        description=_("When the conversation began, Moscow time"), example="01.12.2019 12:45"
    ),
    "CurrentCommunicationDto.id": FieldDocs(example=123456789),
    "CurrentCommunicationDto.campaign": FieldDocs(description=_("The campaign of the call")),
    "CurrentCommunicationDto.result": FieldDocs(description=_("What the operator filled in")),
    "CurrentCommunicationDto.operator": FieldDocs(description=_("Who talked with the client")),
    "CurrentCommunicationDto.doId": FieldDocs(example="34697463"),
    "CurrentCommunicationDto.callEndedAt": FieldDocs(example="2019-12-01T09:49:00+00:00"),
    "CurrentCommunicationDto.personUnknown": FieldDocs(example=True),
    "CurrentCommunicationDto.callStartedAt": FieldDocs(example="2019-12-01T09:45:00+00:00"),
    "DayDto.talks": FieldDocs(example=42),
    "DayDto.talkSeconds": FieldDocs(example=5400),
    "DayDto.results": FieldDocs(description=_("Results that were saved today, most often first")),
    "DayTalkDto.time": FieldDocs(
        description=_("When the conversation began, Moscow time"), example="01.12.2019 12:45"
    ),
    "DayTalkDto.id": FieldDocs(example=123456789),
    "DayTalkDto.campaign": FieldDocs(description=_("The campaign of the call")),
    "DayTalkDto.result": FieldDocs(description=_("What the operator filled in")),
    "DayTalkDto.operator": FieldDocs(description=_("Who talked with the client")),
    "DayTalkDto.doId": FieldDocs(example="34697463"),
    "DayTalkDto.personUnknown": FieldDocs(example=True),
    "DayTalkDto.callEndedAt": FieldDocs(example="2019-12-01T09:49:00+00:00"),
    "DayTalkDto.version": FieldDocs(example=1),
    "DayTalkDto.correctableUntil": FieldDocs(example="2019-12-01T10:00:00+00:00"),
    "DayDto.states": FieldDocs(description=_("How long the operator was in each state")),
    "StateTimeDto.state": FieldDocs(example="BREAK"),
    "StateTimeDto.breakReason": FieldDocs(example="Обед"),
    "StateTimeDto.seconds": FieldDocs(example=1800),
    "DayResponseDto.status": FieldDocs(example="OK"),
    "DayResponseDto.data": FieldDocs(description=_("The answer itself; only with the status OK")),
    "OperatorName.name": FieldDocs(example="Елена"),
    "OperatorName.lastName": FieldDocs(example="Абросимова"),
    "PersonCheck.status": FieldDocs(example="SAME"),
    "PersonCheck.differs": FieldDocs(example=["name"]),
    "ProductDto.type": FieldDocs(
        description=_("Whether it is an application or a loan"), example="APPLICATION"
    ),
    "ProductDto.number": FieldDocs(
        description=_("Number of the application or loan"), example="34697463"
    ),
    "ProductDto.startTime": FieldDocs(
        description=_("When it was made, Moscow time"), example="01.12.2019 12:45"
    ),
    "ProductDto.endTime": FieldDocs(
        description=_("When it ended or ends, Moscow time"), example="22.12.2019 12:45"
    ),
    "ProductDto.statusDict": FieldDocs(description=_("Its state")),
    "ProductDto.productDict": FieldDocs(description=_("The product")),
    "ProductDto.requestedAmount": FieldDocs(
        description=_("Requested amount, kopecks"), example=12000000
    ),
    "ProductDto.approvedAmount": FieldDocs(
        description=_("Approved amount, kopecks"), example=10000000
    ),
    "ProductDto.term": FieldDocs(description=_("Term"), example=21),
    "ProductDto.termUnitDict": FieldDocs(description=_("Unit of the term")),
    "ProductDto.grace": FieldDocs(description=_("Grace period"), example=25),
    "ProductDto.graceUnitDict": FieldDocs(description=_("Unit of the grace period")),
    "ProductDto.filling": FieldDocs(description=_("Documents that are filled in")),
    "ProductDto.current": FieldDocs(description=_("Whether it is not finished"), example=True),
    "ProductDto.retailChainNameDict": FieldDocs(description=_("Retail chain")),
    "ProductDto.deviceOsDict": FieldDocs(description=_("Operating system of the client's device")),
    "ProductDto.creditMethodDict": FieldDocs(description=_("How the loan is paid out")),
    "ProductDto.flow": FieldDocs(
        description=_("The way in which the application came"), example="PI"
    ),
    "ProductDto.interestRate": FieldDocs(
        description=_("Interest rate per day, % × 100"), example=80
    ),
    "PromisedCallDto.id": FieldDocs(example=123456789),
    "PromisedCallDto.time": FieldDocs(
        description=_("When to call back, Moscow time"), example="01.12.2019 12:45"
    ),
    "PromisedCallDto.campaign": FieldDocs(example="Доведи до займа"),
    "ReasonDto.id": FieldDocs(description=_("Number of the reason"), example=3),
    "ReasonDto.text": FieldDocs(
        description=_("The reason; send it as it is"), example="Не было с собой документа"
    ),
    "ResultCountDto.result": FieldDocs(example="Заполнит позже"),
    "ResultCountDto.number": FieldDocs(example=7),
    "ResultDto.id": FieldDocs(description=_("Number of the result"), example=5),
    "ResultDto.text": FieldDocs(
        description=_("The result; send it as it is"), example="Заполнит позже"
    ),
    "ResultDto.meaning": FieldDocs(
        description=_("What the result means to the system"), example="REDIAL"
    ),
    "ResultDto.needsCallbackTime": FieldDocs(
        description=_("Whether a callback time must be sent too"), example=False
    ),
    "RevealPhoneResponseDto.data": FieldDocs(
        description=_("The answer itself; only with the status OK")
    ),
    "RevealPhoneResponseDto.status": FieldDocs(example="OK"),
    "ReworkDto.time": FieldDocs(
        description=_("When the conversation began, Moscow time"), example="01.12.2019 12:45"
    ),
    "ReworkDto.id": FieldDocs(example=123456789),
    "ReworkDto.campaign": FieldDocs(description=_("The campaign of the call")),
    "ReworkDto.result": FieldDocs(example={"RESULT": "Заполнит позже"}),
    "ReworkDto.operator": FieldDocs(description=_("Who talked with the client")),
    "ReworkDto.doId": FieldDocs(example="34697463"),
    "ReworkDto.personUnknown": FieldDocs(example=True),
    "ReworkDto.callEndedAt": FieldDocs(example="2019-12-01T09:49:00+00:00"),
    "ReworkListDto.communications": FieldDocs(description=_("Cards for rework, oldest first")),
    "SaveCommunicationRequestDto.communicationId": FieldDocs(example=123456789),
    "SaveCommunicationRequestDto.communicationResult": FieldDocs(
        description=_("What the operator filled in")
    ),
    "SetStatusRequestDto.status": FieldDocs(example="BREAK"),
    "StatusResponseDto.status": FieldDocs(example="OK"),
}


def describe(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """A hook of the published schema: writes the tables into it, and how this installation shows
    phones."""
    result["info"]["x-arm-phones"] = settings.ARM_PHONES
    describe_operations(result, OPERATIONS)
    describe_fields(result, FIELDS)
    return result
