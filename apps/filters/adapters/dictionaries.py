"""Words of outside services and of files, as operators read them on the client card.

Other words may come at any time: one without an entry is shown as it came.
"""

from apps.filters.types import ApplicationStatus, LoanStatus, PeriodUnit

APPLICATION_STATUSES = dict(ApplicationStatus.choices)
LOAN_STATUSES = dict(LoanStatus.choices)
UNITS = dict(PeriodUnit.choices)
PRODUCTS = {
    "express": "Экспресс-займ",
    "consumer": "Потребительский займ",
    "overdraft": "Овердрафт",
    "securedByCar": "Займ под залог автомобиля",
    "onlineCreditTransfer": "Перевод в кредит",
    "webExpress": "Займ онлайн",
}
DEVICE_OSES = {"ANDROID": "Android", "IOS": "iOS", "HARMONY": "HarmonyOS"}
# how the client gets the money
CREDIT_METHODS = {
    "card": "На карту",
    "cash": "Наличными",
    "transfer": "Переводом",
    "wallet": "На кошелек",
}
