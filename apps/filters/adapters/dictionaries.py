"""The domain's dictionaries as operators read them. Open sets: an unknown key stands for itself."""

APPLICATION_STATUSES = {
    "created": "Создана",
    "registered": "Зарегистрирована",
    "scored": "Прошла оценку",
    "canceled": "Отменена",
}
LOAN_STATUSES = {
    "transferred": "Деньги отправлены",
    "received": "Деньги получены",
    "canceled": "Отменен",
    "repaid": "Погашен",
}
PRODUCTS = {
    "express": "Экспресс-займ",
    "consumer": "Потребительский займ",
    "overdraft": "Овердрафт",
    "securedByCar": "Займ под залог автомобиля",
    "onlineCreditTransfer": "Перевод в кредит",
    "webExpress": "Займ онлайн",
}
UNITS = {"day": "дн.", "month": "мес."}
DEVICE_OSES = {"ANDROID": "Android", "IOS": "iOS", "HARMONY": "HarmonyOS"}
CREDIT_METHODS = {
    "card": "На карту",
    "cash": "Наличными",
    "transfer": "Переводом",
    "wallet": "На кошелек",
}
