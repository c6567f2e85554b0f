"""Which studies a synthesis takes: its filters on columns of studies.csv and on risk of bias."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from operator import ge, gt, le, lt
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.words import english, settling

# Filters that are of effects, not of studies.
OF_EFFECTS = ("grade", "route", "adjusted")
# What of a study decides how its numbers are read: where extractors differ, it is left out.
DECIDING = (settling.BY_LOT, "allocation", "icc", "cluster_size", "correlation", "comparability")
_DECIMAL = re.compile(r"-?\d+\.\d*")


class FilterError(InputError):
    """A filter that names what studies.csv does not have."""


def select(
    studies: pd.DataFrame,
    include: Mapping[str, tuple | list],
    synthesis: str = "",
    risk: Mapping[str, str] | None = None,
) -> list[str]:
    """Identifiers of the studies that a synthesis takes, in the table's order.

    `include`: column -> allowed values, compared as text, without regard to case and to how blanks
    and noughts after the point are written; those of OF_EFFECTS are of effects and pass. A study
    whose `status` is not `included` stays out unless the filter names `status`. `risk`: overall
    judgements of the results of this synthesis by study, for the filter risk_of_bias.
    """
    if risk:
        judged = [risk.get(str(study), "") for study in studies["study_id"]]
        studies = studies.assign(**{settling.RISK_COLUMN: judged})
    keep = pd.Series(True, index=studies.index)
    for column, allowed in include.items():
        if column in OF_EFFECTS:
            continue
        if column not in studies:
            if column == settling.RISK_COLUMN:
                raise FilterError(
                    f"synthesis {synthesis}: include filters by risk of bias, and "
                    f"{settling.RISK_OF_BIAS} judges none of its results"
                )
            raise FilterError(
                f"synthesis {synthesis}: include names the column {column!r}, which studies.csv "
                f"does not have; it has {', '.join(studies.columns)}"
            )
        keep &= studies[column].map(as_text).isin({as_text(v) for v in allowed})
    keep &= ~studies["study_id"].astype(str).isin(undecided(studies, include))
    if "status" in studies and "status" not in include:
        keep &= studies["status"].map(as_text).isin({"included"})
    return [str(study) for study in studies.loc[keep, "study_id"]]


def set_aside(
    studies: pd.DataFrame,
    include: Mapping[str, tuple | list],
    selected: Collection[str],
    risk: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Studies that a filter by risk of bias alone keeps out, or a field on which extractors differ,
    each with the reason."""
    by = settling.RISK_COLUMN
    said = undecided(studies, include)
    if said:
        bare = studies.drop(columns="unsettled")
        apart = [
            (study, settling.read_twice(on))
            for study, on in said.items()
            if study in select(bare, {c: of for c, of in include.items() if c != on}, "", risk)
        ]
        decided = bare[~bare["study_id"].astype(str).isin(said)]
        return [*apart, *set_aside(decided, include, selected, risk)]
    if by not in include or not risk:
        return []
    others = {column: allowed for column, allowed in include.items() if column != by}
    out = [study for study in select(studies, others) if study not in selected]
    return [(study, settling.by_risk(risk.get(study, ""), include[by])) for study in out]


def kept_out(
    studies: pd.DataFrame,
    include: Mapping[str, tuple | list],
    passed: Collection[str],
    risk: Mapping[str, str],
) -> list[dict[str, str]]:
    """Studies that a filter on a column keeps out of a synthesis, in the columns of
    effects/filtered but for the synthesis; `passed`: those that count, or are set aside in another
    table. Of several columns the first; what screening excludes is no filter's."""
    if "status" in studies:
        studies = studies[studies["status"].map(as_text) != "excluded"]
    columns = [c for c in include if c not in OF_EFFECTS and c != settling.RISK_COLUMN]
    others = select(studies, {c: of for c, of in include.items() if c not in columns}, risk=risk)
    columns += [] if "status" in columns else ["status"]
    asked = {"status": ("included",)} | dict(include)
    found = []
    for row in as_dicts(studies):
        study = str(row["study_id"])
        if study in passed or (study not in others and "status" not in include):
            continue
        for column in columns:
            if as_text(row[column]) not in map(as_text, asked[column]):
                value = tables.text(row[column])
                reason = settling.kept_out(column, value, asked[column])
                found.append(
                    {"study_id": study, "column": column, "value": value, "reason": reason}
                )
                break
    return found


def all_kept_out(
    studies: pd.DataFrame,
    asked: Mapping[str, Mapping[str, tuple | list]],
    risk: Mapping[str, Mapping[str, str]],
    told: Mapping[str, Collection[str]],
) -> pd.DataFrame:
    """Rows of effects/filtered.csv. `asked`: `include` by synthesis or curve; `risk`: by synthesis
    as of `select`; `told`: by synthesis the studies that another table of effects names."""
    found = []
    for name, include in asked.items():
        judged = risk.get(name, {})
        passed = {*told.get(name, ()), *select(studies, include, name, judged)}
        found += [{"synthesis": name, **row} for row in kept_out(studies, include, passed, judged)]
    return pd.DataFrame(found, columns=tables.columns("effects/filtered"), dtype=object)


def meant(studies: pd.DataFrame, column: str, named: Iterable[Any]) -> dict[str, str]:
    """By value that the protocol names of a column and no study has, what was likely meant: the
    nearest value of the column, or word that may stand there, which is not named as well.

    What is near nothing may be waited for (a country of which no study has come yet), and is left.
    Of a column of numbers a range (>2010, 2011-2013) means the values within it: no filter does.
    """
    if column not in studies:
        return {}
    has = dict.fromkeys(tables.text(v) for v in studies[column] if as_text(v))
    rules = tables.schema("extraction/studies")["columns"].get(column, {})
    may = dict.fromkeys(rules.get("allowed", ()))
    wanted = {as_text(value): str(value) for value in named}
    free = [value for value in [*has, *may] if as_text(value) not in wanted]
    known = {as_text(value) for value in [*has, *may]}
    found = {}
    for value, written in wanted.items():
        near = sorted(
            ((_alike(value, as_text(other)), other) for other in free), key=lambda x: -x[0]
        )
        if value not in known and near and near[0][0] >= _NEAR:
            found[written] = near[0][1]
        elif value not in known and (within := _within(value, list(has))):
            found[written] = english.listed(within, "or")
    return found


def like_named(studies: pd.DataFrame, column: str, named: Iterable[Any]) -> dict[str, str]:
    """By value of a column that the protocol does not name, the one it names that was likely meant:
    with a letter wrong, an addition behind a sign, or the unit of a number (industy, Industry
    (Pfizer), 20 mg). Excluded studies aside, and what `meant` tells. What joins several (surgery
    and radiotherapy) is another value.
    """
    if column not in studies:
        return {}
    wanted = {as_text(value): str(value) for value in named}
    asked = meant(studies, column, wanted.values()).items()
    if "status" in studies:
        studies = studies[studies["status"].map(as_text) != "excluded"]
    has = dict.fromkeys(tables.text(v) for v in studies[column])
    found: dict[str, str] = {}
    for value in has:
        if (text := as_text(value)) and text not in wanted:
            near = [written for name, written in wanted.items() if _one(name, text)]
            found |= {value: near[0]} if near and (near[0], value) not in asked else {}
    return found


# ASSUME: a share of letters that words with one letter or two wrong have in common (indutry and
# Industry 0.93), and few pairs of other words have.
_NEAR = 0.85
# ASSUME: of so many letters two words of which one letter is wrong, behind the first, are one word
# (stage IIIA and IIIB, Gambia and Zambia, prednisone and prednisolone are not).
_LETTERS = 5
_BETWEEN = re.compile(r"(?<=\w)[\s_\-\u2010-\u2015]+(?=\w)|[.,;:?!*]+$")
# What follows a comma may be a second value (Germany, France), and a letter a part (stage 3A).
_ADDED = re.compile(r"\s*[(\[:]\s*\w.*|\s*[,;]\s*\d.*")
_UNIT = re.compile(r"\s*[^\W\d_][^\W\d_][^\d,;]*|\s+[^\W\d_]|\s*%")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Of the number behind the sign and a value, the number first.
_BY_SIGN = {"<": gt, "<=": ge, "\u2264": ge, ">": lt, ">=": le, "\u2265": le}
_COMPARED = re.compile(
    rf"({'|'.join(sorted(_BY_SIGN, key=len, reverse=True))})\s*({_NUMBER.pattern})"
)
_RANGE = re.compile(rf"({_NUMBER.pattern})\s*(?:[-\u2013]|to)\s*({_NUMBER.pattern})")


def _words(text: str) -> list[str]:
    """The words of a value. Signs that make two values of it stay: HER2+, PD-L1 -, <65, II/III."""
    return _BETWEEN.sub(" ", text).replace("'", "").split()


def _written_alike(one: str, other: str) -> bool:
    """Whether two values are one but for blanks and hyphens: nonsmoker and non-smoker; of numerals
    (phase III, phase I-II) these count."""
    words = [_words(of) for of in (one, other)]
    long = all(len(word) > 2 for of in words for word in of)
    return words[0] == words[1] or (long and "".join(words[0]) == "".join(words[1]))


def _alike(one: str, other: str) -> float:
    """How much two values look alike, 0 to 1; phase 2 and phase 3, matched and unmatched do not."""
    figures = [re.findall(r"\d+", of) for of in (one, other)]
    if figures[0] != figures[1]:
        return 0.0
    if _written_alike(one, other):
        return 1.0
    letters = ["".join(c for c in of if c.isalnum()) for of in (one, other)]
    if letters[0] == letters[1] or one.endswith(other) or other.endswith(one):
        return 0.0
    return difflib.SequenceMatcher(None, letters[0], letters[1]).ratio()


def _one(named: str, other: str) -> bool:
    """Whether a value of a column is the one that is named, with a slip or an addition."""
    if other.startswith(named) and _ADDED.fullmatch(other.removeprefix(named)):
        return True
    for number, more in ((named, other), (other, named)):
        unit = more.removeprefix(number) if more.startswith(number) else ""
        if _NUMBER.fullmatch(number) and _UNIT.fullmatch(unit):
            return True
    if re.findall(r"\d+", named) != re.findall(r"\d+", other):
        return False
    words = [_words(of) for of in (named, other)]
    apart = [pair for pair in zip(*words, strict=False) if pair[0] != pair[1]]
    wrong = len(words[0]) == len(words[1]) and len(apart) == 1 and _letter_wrong(*apart[0])
    return wrong or _written_alike(named, other)


def _letter_wrong(one: str, other: str) -> bool:
    """Whether two words differ by a letter left out or added, or two changed over; a letter that is
    replaced mostly makes another word (Ireland, Iceland; microvascular, macrovascular)."""
    short, long = sorted((one, other), key=len)
    if len(short) < _LETTERS or short[0] != long[0] or not (short + long).isalpha():
        return False
    if len(short) < len(long):
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    at = [i for i, (a, b) in enumerate(zip(short, long, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1 and sorted(short) == sorted(long)


def _within(value: str, has: Iterable[str]) -> list[str]:
    """The values of a column of numbers that a range or a comparison holds, in its order."""
    if not all(_NUMBER.fullmatch(v) for v in has):
        return []
    if found := _COMPARED.fullmatch(value):
        holds = partial(_BY_SIGN[found[1]], float(found[2]))
        return [v for v in has if holds(float(v))]
    if found := _RANGE.fullmatch(value):
        return [v for v in has if float(found[1]) <= float(v) <= float(found[2])]
    return []


def undecided(studies: pd.DataFrame, include: Mapping[str, tuple | list]) -> dict[str, str]:
    """By study the first field that it hangs on, and on which two extractors differ."""
    if "unsettled" not in studies:
        return {}
    hangs = (*DECIDING, *include)
    found = {}
    for study, fields in zip(studies["study_id"], studies["unsettled"], strict=True):
        if on := [name for name in tables.text(fields).split() if name in hangs]:
            found[str(study)] = on[0]
    return found


def as_text(value: Any) -> str:
    """A value as filters compare it: without regard to case, blanks and noughts at the end."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(str(value).split()).casefold()
    # 2.0 in the protocol is 2 in a spreadsheet's cell, and 2.50 is 2.5.
    return re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".") if _DECIMAL.fullmatch(text) else text
