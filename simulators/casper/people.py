"""Names of made-up people in Cyrillic and Latin letters, by citizenship and sex."""

from dataclasses import dataclass
from random import Random

# Masculine surnames; the feminine form of those on -ов, -ев, -ин adds an «а» in both scripts.
SURNAMES = {
    "RUS": "Иванов Ivanov,Смирнов Smirnov,Кузнецов Kuznetsov,Попов Popov,Соколов Sokolov,"
    "Лебедев Lebedev,Козлов Kozlov,Новиков Novikov,Морозов Morozov,Фёдоров Fedorov",
    "KGZ": "Асанов Asanov,Токтогулов Toktogulov,Жумабаев Zhumabaev,Бакиров Bakirov,"
    "Осмонов Osmonov,Сыдыков Sydykov,Турдубаев Turdubaev",
    "UZB": "Каримов Karimov,Рахимов Rakhimov,Юсупов Yusupov,Абдуллаев Abdullaev,"
    "Исмаилов Ismailov,Хамидов Khamidov,Турсунов Tursunov",
    "TJK": "Рахмонов Rahmonov,Назаров Nazarov,Саидов Saidov,Шарипов Sharipov,"
    "Мирзоев Mirzoev,Гафуров Gafurov,Холов Kholov",
    "KAZ": "Ахметов Akhmetov,Нурланов Nurlanov,Сулейменов Suleimenov,Оспанов Ospanov,"
    "Касымов Kassymov,Абишев Abishev",
}
MEN = {
    "RUS": "Алексей Aleksei,Дмитрий Dmitrii,Сергей Sergei,Иван Ivan,Николай Nikolai",
    "KGZ": "Азамат Azamat,Бакыт Bakyt,Нурлан Nurlan,Эркин Erkin,Талант Talant",
    "UZB": "Жасур Jasur,Отабек Otabek,Шерзод Sherzod,Бекзод Bekzod,Улугбек Ulugbek",
    "TJK": "Фаррух Farrukh,Сухроб Suhrob,Рустам Rustam,Далер Daler,Бахтиёр Bakhtiyor",
    "KAZ": "Ерлан Yerlan,Данияр Daniyar,Айбек Aibek,Нурсултан Nursultan,Арман Arman",
}
WOMEN = {
    "RUS": "Анна Anna,Мария Mariia,Елена Elena,Ольга Olga,Наталья Natalia",
    "KGZ": "Айгуль Aigul,Нургуль Nurgul,Жаркын Zharkyn,Бермет Bermet,Айпери Aiperi",
    "UZB": "Гульнора Gulnora,Дилноза Dilnoza,Малика Malika,Нигора Nigora,Шахноза Shakhnoza",
    "TJK": "Мадина Madina,Зарина Zarina,Парвина Parvina,Манижа Manizha,Ситора Sitora",
    "KAZ": "Айгерим Aigerim,Динара Dinara,Асель Assel,Жанар Zhanar,Гульмира Gulmira",
}
MIDDLE_NAMES = {
    "M": "Алексеевич Alekseevich,Иванович Ivanovich,Бакытович Bakytovich,Рустамович Rustamovich,"
    "Каримович Karimovich,Сергеевич Sergeevich",
    "F": "Алексеевна Alekseevna,Ивановна Ivanovna,Бакытовна Bakytovna,Рустамовна Rustamovna,"
    "Каримовна Karimovna,Сергеевна Sergeevna",
}
# Shares that are plausible for a money-transfer company.
CITIZENSHIPS = {"KGZ": 30, "UZB": 26, "TJK": 22, "RUS": 14, "KAZ": 8}
NO_MIDDLE_NAME_SHARE = 0.25

FullName = dict[str, str | None]


@dataclass(frozen=True)
class Person:
    citizenship: str
    sex: str
    name_ru: FullName
    name_en: FullName


def make_person(random: Random) -> Person:
    citizenship = random.choices(list(CITIZENSHIPS), list(CITIZENSHIPS.values()))[0]
    sex = random.choice("MF")
    last = _pick(random, SURNAMES[citizenship])
    first = _pick(random, (MEN if sex == "M" else WOMEN)[citizenship])
    middle: tuple[str | None, str | None] = _pick(random, MIDDLE_NAMES[sex])
    if random.random() < NO_MIDDLE_NAME_SHARE:
        middle = (None, None)
    ending = ("а", "a") if sex == "F" else ("", "")
    return Person(
        citizenship,
        sex,
        {"first": first[0], "last": last[0] + ending[0], "middle": middle[0]},
        {"first": first[1], "last": last[1] + ending[1], "middle": middle[1]},
    )


def _pick(random: Random, pairs: str) -> tuple[str, str]:
    russian, latin = random.choice(pairs.split(",")).split()
    return russian, latin
