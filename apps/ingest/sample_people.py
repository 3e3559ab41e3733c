"""The made-up person behind a phone: citizenship, name, birth date, document, as columns of a file.

The person follows from the phone's digits alone, whatever the seed of the file: the simulated
Casper tells the same by the same rule (`simulators/casper/people.py`). The simulators import
nothing of the application, so the rule stands in both; a test compares them.
"""

from collections.abc import Mapping
from datetime import date
from itertools import chain

import polars as pl

from apps.ingest.sample_draws import Dice, day_after, padded

# of 23 people; citizens of BLR and UKR are often refused
CITIZENSHIPS = {"RUS": 6, "KGZ": 5, "UZB": 4, "TJK": 4, "KAZ": 1, "ARM": 1, "BLR": 1, "UKR": 1}
WOMEN_PERCENT = 40
NO_MIDDLE_NAME_PERCENT = 25
OLDEST, BIRTH_DAYS = date(1956, 1, 1), 54 * 365  # in 2026 up to 70 years old, and some under 18
DOCUMENT_PREFIXES = ("AM", "AC", "ID", "FA")
# Masculine; women have an «А» more after these endings.
FEMININE_BY_AN_A = ("ОВ", "ЕВ", "ЁВ", "ИН", "ЫН")
SURNAMES = {
    "RUS": "ИВАНОВ СМИРНОВ КУЗНЕЦОВ ПОПОВ СОКОЛОВ ЛЕБЕДЕВ НОВИКОВ ФЁДОРОВ",
    "KGZ": "АСАНОВ ТОКТОГУЛОВ ЖУМАБАЕВ БАКИРОВ ОСМОНОВ СЫДЫКОВ ТУРДУБАЕВ БЕКИШОВ",
    "UZB": "КАРИМОВ РАХИМОВ ЮСУПОВ АБДУЛЛАЕВ ИСМАИЛОВ ХАМИДОВ ТУРСУНОВ АХМЕДОВ",
    "TJK": "РАХМОНОВ НАЗАРОВ САИДОВ ШАРИПОВ МИРЗОЕВ ГАФУРОВ ХОЛОВ ДАВЛАТОВ",
    "KAZ": "АХМЕТОВ НУРЛАНОВ СУЛЕЙМЕНОВ ОСПАНОВ КАСЫМОВ АБИШЕВ ЖАКСЫБЕКОВ СЕРИКБАЕВ",
    "ARM": "САРКИСЯН ПЕТРОСЯН АРУТЮНЯН ГРИГОРЯН ОГАНЕСЯН МКРТЧЯН АСАТРЯН АКОПЯН",
    "BLR": "НОВИК КОЗЛОВСКИЙ ЖУК БОНДАРЬ МОРОЗ КАРПОВИЧ КЛИМОВИЧ КРАВЧУК",
    "UKR": "БОНДАРЕНКО КОВАЛЕНКО ШЕВЧЕНКО ТКАЧЕНКО МЕЛЬНИК ОЛЕЙНИК КРАВЧЕНКО САВЧЕНКО",
}
MEN = {
    "RUS": "АЛЕКСЕЙ ДМИТРИЙ СЕРГЕЙ ИВАН НИКОЛАЙ АНДРЕЙ",
    "KGZ": "АЗАМАТ БАКЫТ НУРЛАН ЭРКИН ТАЛАНТ АЙБЕК",
    "UZB": "ЖАСУР ОТАБЕК ШЕРЗОД БЕКЗОД УЛУГБЕК ТИМУР",
    "TJK": "ФАРРУХ СУХРОБ РУСТАМ ДАЛЕР БАХТИЁР ФАРХОД",
    "KAZ": "ЕРЛАН ДАНИЯР ОЛЖАС НУРСУЛТАН АРМАН БОЛАТ",
    "ARM": "АРМЕН АШОТ ГАГИК ТИГРАН КАРЕН ВАГАН",
    "BLR": "ПАВЕЛ ВИКТОР МАКСИМ ИГОРЬ МИХАИЛ ДЕНИС",
    "UKR": "ОЛЕГ ТАРАС БОГДАН РОМАН ЮРИЙ ВАСИЛИЙ",
}
WOMEN = {
    "RUS": "АННА МАРИЯ ЕЛЕНА ОЛЬГА НАТАЛЬЯ ТАТЬЯНА",
    "KGZ": "АЙГУЛЬ НУРГУЛЬ ЖАРКЫН БЕРМЕТ АЙПЕРИ ЧОЛПОН",
    "UZB": "ГУЛЬНОРА ДИЛНОЗА МАЛИКА НИГОРА ШАХНОЗА СЕВАРА",
    "TJK": "МАДИНА ЗАРИНА ПАРВИНА МАНИЖА СИТОРА НИЛУФАР",
    "KAZ": "АЙГЕРИМ ДИНАРА АСЕЛЬ ЖАНАР ГУЛЬМИРА ЖАННА",
    "ARM": "АНИ ЛУСИНЕ ГАЯНЕ МАРИАМ НАРИНЕ АНУШ",
    "BLR": "СВЕТЛАНА АЛЕСЯ ИРИНА ВЕРА ЮЛИЯ ИННА",
    "UKR": "ОКСАНА ГАЛИНА ЛЮДМИЛА ЛЕСЯ НАДЕЖДА ЛАРИСА",
}
SLAVIC = (
    "АЛЕКСЕЕВИЧ ИВАНОВИЧ СЕРГЕЕВИЧ ПЕТРОВИЧ ОЛЕГОВИЧ АНДРЕЕВИЧ",
    "АЛЕКСЕЕВНА ИВАНОВНА СЕРГЕЕВНА ПЕТРОВНА ОЛЕГОВНА АНДРЕЕВНА",
)
ARMENIAN = (
    "АРМЕНОВИЧ АШОТОВИЧ ГАГИКОВИЧ ТИГРАНОВИЧ КАРЕНОВИЧ ВАГАНОВИЧ",
    "АРМЕНОВНА АШОТОВНА ГАГИКОВНА ТИГРАНОВНА КАРЕНОВНА ВАГАНОВНА",
)
CENTRAL_ASIAN = (
    "БАКЫТОВИЧ РУСТАМОВИЧ КАРИМОВИЧ РАШИДОВИЧ БОЛАТОВИЧ КУБАНЫЧБЕКОВИЧ",
    "БАКЫТОВНА РУСТАМОВНА КАРИМОВНА РАШИДОВНА БОЛАТОВНА КУБАНЫЧБЕКОВНА",
)
# of men, of women
MIDDLE_NAMES = {
    **dict.fromkeys(("RUS", "BLR", "UKR"), SLAVIC),
    **dict.fromkeys(("KGZ", "UZB", "TJK", "KAZ"), CENTRAL_ASIAN),
    "ARM": ARMENIAN,
}


class _Names:
    """The names of men and of women of all citizenships: as many for each."""

    def __init__(self, men: Mapping[str, str], women: Mapping[str, str]) -> None:
        lists = [names[code].split() for names in (men, women) for code in CITIZENSHIPS]
        self.count = len(lists[0])
        self._all = pl.Series(chain.from_iterable(lists))

    def pick(self, group: pl.Series, draws: pl.Series) -> pl.Series:
        """The names drawn, one of ``self.count``; ``group`` is of ``_groups``."""
        return self._all.gather(group * self.count + draws)


def _feminine(surname: str) -> str:
    return surname + "А" if surname.endswith(FEMININE_BY_AN_A) else surname


def _women(names: Mapping[str, str]) -> dict[str, str]:
    return {code: " ".join(map(_feminine, text.split())) for code, text in names.items()}


_LAST = _Names(SURNAMES, _women(SURNAMES))
_FIRST = _Names(MEN, WOMEN)
_MIDDLE = _Names(
    {code: men for code, (men, _) in MIDDLE_NAMES.items()},
    {code: women for code, (_, women) in MIDDLE_NAMES.items()},
)
_TURNS = [number for number, share in enumerate(CITIZENSHIPS.values()) for _ in range(share)]


def people_of(phones: pl.Series) -> dict[str, pl.Series]:
    """The columns of a file that tell who has these phones, by the columns' names. The order of
    the draws is a part of the rule: another order makes other people."""
    dice = Dice(phones.cast(pl.UInt64))
    country = pl.Series(_TURNS, dtype=pl.UInt64).gather(dice.below(len(_TURNS)))
    is_woman = dice.happens(WOMEN_PERCENT)
    group = is_woman.cast(pl.UInt64) * len(CITIZENSHIPS) + country
    last = _LAST.pick(group, dice.below(_LAST.count))
    first = _FIRST.pick(group, dice.below(_FIRST.count))
    has_no_middle = dice.happens(NO_MIDDLE_NAME_PERCENT)
    middle = _MIDDLE.pick(group, dice.below(_MIDDLE.count))
    nobody = pl.Series([""]).new_from_index(0, len(phones))
    return {
        "citizenship": pl.Series(list(CITIZENSHIPS)).gather(country),
        "last_name": last,
        "first_name": first,
        "middle_name": nobody.zip_with(has_no_middle, middle),
        "birth_date": day_after(OLDEST, dice.below(BIRTH_DAYS)),
        "sex": pl.Series(["M", "F"]).gather(is_woman.cast(pl.UInt32)),
        "document_series": padded(dice.below(10_000), 4),
        "document_number": dice.pick(DOCUMENT_PREFIXES) + padded(dice.below(10**6), 6),
    }
