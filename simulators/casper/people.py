"""The made-up person behind a phone: citizenship, name in Cyrillic and Latin letters, birth date,
document.

The person follows from the phone's digits alone, whatever the seed. ``make_applications`` and the
sample file have the same person by the same rule, which `apps/ingest/sample_people.py` repeats,
since the simulators import nothing of the application; a test compares the two.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from simulators.seeds import Dice

# of 23 people: mostly citizens of countries whose people take such loans
CITIZENSHIPS = {"RUS": 6, "KGZ": 5, "UZB": 4, "TJK": 4, "KAZ": 1, "ARM": 1, "BLR": 1, "UKR": 1}
WOMEN_PERCENT = 40
NO_MIDDLE_NAME_PERCENT = 25
OLDEST, BIRTH_DAYS = date(1956, 1, 1), 54 * 365  # in 2026 up to 70 years old, and some under 18
DOCUMENT_PREFIXES = ("AM", "AC", "ID", "FA")
# Masculine; women have an «а» more after these endings, in both scripts.
FEMININE_BY_AN_A = ("ов", "ев", "ёв", "ин", "ын")
SURNAMES = {
    "RUS": "Иванов Ivanov,Смирнов Smirnov,Кузнецов Kuznetsov,Попов Popov,Соколов Sokolov,"
    "Лебедев Lebedev,Новиков Novikov,Фёдоров Fedorov",
    "KGZ": "Асанов Asanov,Токтогулов Toktogulov,Жумабаев Zhumabaev,Бакиров Bakirov,"
    "Осмонов Osmonov,Сыдыков Sydykov,Турдубаев Turdubaev,Бекишов Bekishov",
    "UZB": "Каримов Karimov,Рахимов Rakhimov,Юсупов Yusupov,Абдуллаев Abdullaev,"
    "Исмаилов Ismailov,Хамидов Khamidov,Турсунов Tursunov,Ахмедов Akhmedov",
    "TJK": "Рахмонов Rahmonov,Назаров Nazarov,Саидов Saidov,Шарипов Sharipov,"
    "Мирзоев Mirzoev,Гафуров Gafurov,Холов Kholov,Давлатов Davlatov",
    "KAZ": "Ахметов Akhmetov,Нурланов Nurlanov,Сулейменов Suleimenov,Оспанов Ospanov,"
    "Касымов Kassymov,Абишев Abishev,Жаксыбеков Zhaksybekov,Серикбаев Serikbaev",
    "ARM": "Саркисян Sarkisian,Петросян Petrosian,Арутюнян Arutiunian,Григорян Grigorian,"
    "Оганесян Oganesian,Мкртчян Mkrtchian,Асатрян Asatrian,Акопян Akopian",
    "BLR": "Новик Novik,Козловский Kozlovskii,Жук Zhuk,Бондарь Bondar,"
    "Мороз Moroz,Карпович Karpovich,Климович Klimovich,Кравчук Kravchuk",
    "UKR": "Бондаренко Bondarenko,Коваленко Kovalenko,Шевченко Shevchenko,Ткаченко Tkachenko,"
    "Мельник Melnyk,Олейник Oliinyk,Кравченко Kravchenko,Савченко Savchenko",
}
MEN = {
    "RUS": "Алексей Aleksei,Дмитрий Dmitrii,Сергей Sergei,Иван Ivan,Николай Nikolai,Андрей Andrei",
    "KGZ": "Азамат Azamat,Бакыт Bakyt,Нурлан Nurlan,Эркин Erkin,Талант Talant,Айбек Aibek",
    "UZB": "Жасур Jasur,Отабек Otabek,Шерзод Sherzod,Бекзод Bekzod,Улугбек Ulugbek,Тимур Timur",
    "TJK": "Фаррух Farrukh,Сухроб Suhrob,Рустам Rustam,Далер Daler,Бахтиёр Bakhtiyor,Фарход Farhod",
    "KAZ": "Ерлан Yerlan,Данияр Daniyar,Олжас Olzhas,Нурсултан Nursultan,Арман Arman,Болат Bolat",
    "ARM": "Армен Armen,Ашот Ashot,Гагик Gagik,Тигран Tigran,Карен Karen,Ваган Vagan",
    "BLR": "Павел Pavel,Виктор Viktor,Максим Maksim,Игорь Igor,Михаил Mikhail,Денис Denis",
    "UKR": "Олег Oleg,Тарас Taras,Богдан Bogdan,Роман Roman,Юрий Yurii,Василий Vasilii",
}
WOMEN = {
    "RUS": "Анна Anna,Мария Mariia,Елена Elena,Ольга Olga,Наталья Natalia,Татьяна Tatiana",
    "KGZ": "Айгуль Aigul,Нургуль Nurgul,Жаркын Zharkyn,Бермет Bermet,Айпери Aiperi,Чолпон Cholpon",
    "UZB": "Гульнора Gulnora,Дилноза Dilnoza,Малика Malika,Нигора Nigora,Шахноза Shakhnoza,"
    "Севара Sevara",
    "TJK": "Мадина Madina,Зарина Zarina,Парвина Parvina,Манижа Manizha,Ситора Sitora,"
    "Нилуфар Nilufar",
    "KAZ": "Айгерим Aigerim,Динара Dinara,Асель Assel,Жанар Zhanar,Гульмира Gulmira,Жанна Zhanna",
    "ARM": "Ани Ani,Лусине Lusine,Гаяне Gaiane,Мариам Mariam,Нарине Narine,Ануш Anush",
    "BLR": "Светлана Svetlana,Алеся Alesia,Ирина Irina,Вера Vera,Юлия Yuliia,Инна Inna",
    "UKR": "Оксана Oksana,Галина Galina,Людмила Liudmila,Леся Lesia,Надежда Nadezhda,Лариса Larisa",
}
SLAVIC = (
    "Алексеевич Alekseevich,Иванович Ivanovich,Сергеевич Sergeevich,Петрович Petrovich,"
    "Олегович Olegovich,Андреевич Andreevich",
    "Алексеевна Alekseevna,Ивановна Ivanovna,Сергеевна Sergeevna,Петровна Petrovna,"
    "Олеговна Olegovna,Андреевна Andreevna",
)
ARMENIAN = (
    "Арменович Armenovich,Ашотович Ashotovich,Гагикович Gagikovich,Тигранович Tigranovich,"
    "Каренович Karenovich,Ваганович Vaganovich",
    "Арменовна Armenovna,Ашотовна Ashotovna,Гагиковна Gagikovna,Тиграновна Tigranovna,"
    "Кареновна Karenovna,Вагановна Vaganovna",
)
CENTRAL_ASIAN = (
    "Бакытович Bakytovich,Рустамович Rustamovich,Каримович Karimovich,Рашидович Rashidovich,"
    "Болатович Bolatovich,Кубанычбекович Kubanychbekovich",
    "Бакытовна Bakytovna,Рустамовна Rustamovna,Каримовна Karimovna,Рашидовна Rashidovna,"
    "Болатовна Bolatovna,Кубанычбековна Kubanychbekovna",
)
# of men, of women
MIDDLE_NAMES = {
    **dict.fromkeys(("RUS", "BLR", "UKR"), SLAVIC),
    **dict.fromkeys(("KGZ", "UZB", "TJK", "KAZ"), CENTRAL_ASIAN),
    "ARM": ARMENIAN,
}
NO_MIDDLE_NAME = (None, None)

FullName = dict[str, str | None]


@dataclass(frozen=True)
class Person:
    citizenship: str
    sex: str
    name_ru: FullName
    name_en: FullName
    birth_date: date
    document_series: str
    document_number: str


def make_person(number: int) -> Person:
    """The person behind this number, such as 79131234567. The order of the draws is a part of the
    rule: another order makes other people."""
    dice = Dice(number)
    citizenship = dice.pick([code for code, share in CITIZENSHIPS.items() for _ in range(share)])
    is_woman = dice.happens(WOMEN_PERCENT)
    last = _surname(dice.pick(SURNAMES[citizenship].split(",")), is_woman)
    first = dice.pick((WOMEN if is_woman else MEN)[citizenship].split(",")).split()
    has_no_middle = dice.happens(NO_MIDDLE_NAME_PERCENT)
    middle = dice.pick(MIDDLE_NAMES[citizenship][is_woman].split(",")).split()
    russian, latin = zip(last, first, NO_MIDDLE_NAME if has_no_middle else middle, strict=True)
    return Person(
        citizenship,
        "F" if is_woman else "M",
        dict(zip(("last", "first", "middle"), russian, strict=True)),
        dict(zip(("last", "first", "middle"), latin, strict=True)),
        birth_date=OLDEST + timedelta(days=dice.below(BIRTH_DAYS)),
        document_series=f"{dice.below(10_000):04}",
        document_number=f"{dice.pick(DOCUMENT_PREFIXES)}{dice.below(10**6):06}",
    )


def _surname(masculine: str, is_woman: bool) -> list[str]:
    russian, latin = masculine.split()
    if is_woman and russian.endswith(FEMININE_BY_AN_A):
        return [russian + "а", latin + "a"]
    return [russian, latin]
