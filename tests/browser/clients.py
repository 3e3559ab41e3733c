"""Clients whose cards the tests open."""

from datetime import UTC, date, datetime

from apps.arm.types import (
    ClientRecord,
    DictionaryItem,
    Document,
    DocumentError,
    FullName,
    Offer,
    PersonAttribute,
    PersonCheck,
    PersonStatus,
    Product,
    ProductKind,
)

DAY = datetime(2026, 11, 1, 9, 45, tzinfo=UTC)
CLIENT = ClientRecord(
    name_ru=FullName("Ясурбек", "Хожаназаров", "Мирзаназарович"),
    name_en=FullName("Yasurbek", "Khozhanazarov", "Mirzanazarovich"),
    citizenship="Таджикистан",
    born_on=date(1995, 5, 12),
    products=(
        Product(
            kind=ProductKind.APPLICATION,
            number="34697463",
            started_at=DAY,
            ended_at=DAY,
            term=21,
            grace=25,
            current=True,
            status=DictionaryItem("registered", "Зарегистрирован"),
            requested_amount=1_200_000,
            approved_amount=1_000_000,
            term_unit=DictionaryItem("day", "day"),
            interest_rate=80,
            flow="PI",
            documents=(
                Document(
                    "Селфи/ДУЛ", "ERROR", errors=(DocumentError("Плохое качество", "Снимите ещё"),)
                ),
            ),
        ),
    ),
    offers=(Offer("A", "До зарплаты", 100_000, 3_000_000, 80, 7, 30, "day"),),
    unavailable=("offers",),
)
OTHER_PERSON = PersonCheck(
    PersonStatus.DIFFERENT, (PersonAttribute.NAME, PersonAttribute.BIRTH_DATE)
)
