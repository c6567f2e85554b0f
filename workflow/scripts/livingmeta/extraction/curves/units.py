"""The unit of time that the name of a column gives: understood, or a reason to refuse the file.

Of several words of time (`Time since day 1 (years)`) the one in brackets counts, then the one after
`in` or a comma, then one that stands before `since`, `after` or `from`, and none that a number
stands beside. What looks like a unit and is none of the four is never passed over.
"""

import difflib
import re
import unicodedata

from livingmeta.errors import InputError

_NAMES = {
    "days": "days day tage tag tagen jours jour días dias día giorni giorno dagen dage dager dagar "
    "dni 天 日",
    "weeks": "weeks week wk wks wochen woche semaines semaine semanas semana settimane settimana "
    "weken uger uker veckor 周 週 週間",
    "months": "months month mo mos mth mths mon monate monat monaten mois meses mes mesi mese "
    "maanden maand måneder månader 月 个月 個月 ヶ月 か月",
    "years": "years year yr yrs jahre jahr jahren ans années annees année annee años año anos ano "
    "anni anno jaren jaar år åren lata 年",
}
UNITS = {word: unit for unit, words in _NAMES.items() for word in words.split()}
# One letter is a unit in brackets or last of several words: `t (y)`, `time_m`, and no column `y`.
_LETTERS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
_NONE = (
    "h hours hour hrs hr minutes minute mins quarters quarter quartale quartal quartalen "
    "trimesters trimester trimestres trimestre trimestri semester semesters semestres "
    "cycles cycle zyklen zyklus ciclos ciclo cicli decades decade jahrzehnte décadas décennies "
    "fortnights fortnight stunden stunde heures heure horas hora ore ora"
)
_STEMS = re.compile(r"year|month|week|jahr|monat|woche|semaine|semana|settiman")
_HARMLESS = "t x time times zeit temps tiempo tempo os pfs dfs rfs study trial"
_SINCE = re.compile(
    r"\b(since|after|from|post|before|until|landmark|follow\w*|seit|nach|ab|depuis|après|desde|"
    r"después|dopo|till|bis)\b"
)
_IN = re.compile(r"\b(?:in|en|em)\s+([^\W\d_]+)|[,:=]\s*([^\W\d_]+)\s*$")
_IN_LAST = re.compile(r"\b(?:in|en|em)\s+([^\W\d_]+)\s*$")
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]?")
_NUMBERED = re.compile(
    rf"(\d)[\s-]*(?:st|nd|rd|th)?[\s-]*\b({'|'.join(UNITS)})\b|\b({'|'.join(UNITS)})[\s-]+(?=\d)"
)
_TIMES_A_NUMBER = re.compile(
    r"[×*·÷^/]\s*\d|\d\s*[×*·÷^]|[\s(\[]x\s*\d\d|\d\d\s*x\b|"
    r"\b(hundreds?|thousands?|half|hundert|tausend|halbe|cent|mille|cien|mil)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_CLOSE = 0.8  # how like a unit a word must be to be a slip of it
_LONG = sorted(filter(_STEMS.search, UNITS))


class UnitError(InputError):
    """A name of a column whose unit of time is not understood; the message says why."""


def of_name(name: str) -> str:
    """The unit (days, weeks, months or years) that the name of a column of times gives, or "".

    Raises UnitError where it names another, several, or a word that looks like one.
    """
    plain = _plain(name)
    multiple = _TIMES_A_NUMBER.search(plain)
    if multiple:
        raise UnitError(f"its times are multiples of a unit ('{multiple[0]}')")
    numbered = [word for found in _NUMBERED.findall(plain) for word in found[1:] if word]
    plain = _NUMBERED.sub(r"\1 ", plain)
    inside = [_SINCE.split(text)[0] for text in _BRACKETS.findall(plain)]
    outside = _BRACKETS.sub(" ", plain)
    after_in = [word for found in _IN.findall(outside) for word in found if word]
    in_brackets = [word for text in inside for word in _WORD.findall(text)]
    if len(in_brackets) == 1:
        in_brackets = [_LETTERS.get(word, word) for word in in_brackets]
    before, *after = _SINCE.split(outside)
    before_since, last = _WORD.findall(before), _WORD.findall(outside)[-1:]
    if last and len(_WORD.findall(outside)) > 1:
        last = [_LETTERS.get(last[0], last[0])]
    # After `since` a unit is of times only as the last word, and in the plural: no `first day`.
    last = [word for word in last if not after or word.endswith(("s", "e", "n", "i"))]
    for words in (in_brackets, after_in, [*before_since, *(last if not after else [])], last):
        found = {UNITS[word] for word in words if word in UNITS}
        if len(found) > 1:
            raise UnitError(f"it names {' and '.join(sorted(found))}")
        if found:
            return found.pop()
    _must_hold_no_other(plain, inside, numbered)
    return ""


def words_of(name: str) -> set[str]:
    """The words of a name, small, with `TimeYears` and `time_years` taken apart; of the units of
    time none that a number stands beside (`5-year survival`)."""
    return set(_WORD.findall(_NUMBERED.sub(" ", _plain(name))))


def named(text: str) -> set[str]:
    """The units of time that a text names in whole words that no number stands beside."""
    return {UNITS[word] for word in words_of(text) if word in UNITS and len(word) > 3}


def only_units(cells: list[str]) -> bool:
    """Whether a line below the names holds their units alone: `(years),(%)`, `months,percent`."""
    filled = [_plain(cell).strip() for cell in cells if cell]
    sure = [_is_unit(cell) for cell in filled]
    return any(sure) and all(s or cell in _LETTERS for s, cell in zip(sure, filled, strict=True))


def _is_unit(cell: str) -> bool:
    bracketed = bool(re.fullmatch(r"[(\[{].*[)\]}]", cell))
    return bracketed or cell in UNITS or cell in {"%", "percent", "proportion", "fraction"}


def _plain(name: str) -> str:
    """Small letters, `month(s)` as one word, words that are written together apart."""
    name = unicodedata.normalize("NFKC", name)
    name = re.sub(r"(?<=[^\W\d_])\(s\)", "s", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).replace("_", " ").casefold()
    return re.sub(r"\b(time|zeit|temps|tiempo|tempo|survival|os|pfs|dfs|t)(?=(\w+))", _apart, name)


def _apart(found: re.Match) -> str:
    """`timeyears` as two words."""
    return f"{found[1]} " if found[2] in UNITS and len(found[2]) > 3 else found[1]


def _must_hold_no_other(plain: str, inside: list[str], numbered: list[str]) -> None:
    """Refuses a name in which no unit was found and which holds a word like one."""
    for word in _WORD.findall(plain):
        near = len(word) > 4 and difflib.get_close_matches(word, _LONG, 1, _CLOSE)
        if near or word in UNITS or _STEMS.search(word):
            raise UnitError(f"'{word}' is no unit known here")
    before = _SINCE.split(plain)[0]
    other = [word for word in _WORD.findall(before) if word in _NONE.split()]
    alone = [_WORD.findall(text) for text in inside] + [[word] for word in _IN_LAST.findall(before)]
    other += [words[0] for words in alone if len(words) == 1 and words[0] not in _HARMLESS.split()]
    if other:
        raise UnitError(f"'{other[0]}' is no unit known here")
    if numbered and not _SINCE.search(plain):
        raise UnitError(f"'{numbered[0]}' beside a number is no unit known here")
