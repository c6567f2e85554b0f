"""What people answered to warnings about studies that count, and which reports are flagged.

A report that was retracted or withdrawn, or under an expression of concern, leaves no pool by
itself: the result without its study stands beside (pooling/left_out.py), and a person decides.
"""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening.identity import canonical
from livingmeta.tables import TableError

PATH = "data/raw/sentinel.csv"
# Flags of records.csv that are an event for the study of the report, each with the kind of answer
# that is to it: who accepts a concern has not accepted the retraction that may follow.
KIND = {"retracted": "retraction", "withdrawn": "retraction", "concern": "concern"}
FLAGS = tuple(KIND)
CORRECTION, MISSED, REGISTRATION = "correction", "missed", "registration"
# Warnings of which another may follow: an answer is to those that were there on its day.
DATED = frozenset([*KIND.values(), CORRECTION, MISSED])
OF_REPORTS = frozenset([*KIND.values(), CORRECTION, MISSED, REGISTRATION])


def flagged(
    studies: pd.DataFrame,
    records: pd.DataFrame,
    answers: pd.DataFrame,
    states: pd.DataFrame,
    record_of: Mapping[str, list[str]],
) -> pd.DataFrame:
    """The columns `report_flag`, flags of each study's reports separated by blanks, and
    `flag_kept`, why a person keeps it: "" where somebody has still to decide on one of them.

    `studies`: with `records` as record_ids; `records`: as in screening/records.csv; `answers`: as
    read under schema data/sentinel; `states`: under data/states; `record_of`: as
    studies.by_identifier gives it. What states.csv tells after the day of an answer is unanswered.
    """
    # ASSUME: a flag that an export alone has was there when somebody answered it: it has no day.
    flag = {
        record: flag
        for record, flag in zip(records["record_id"], records["flag"], strict=True)
        if flag in FLAGS
    }
    notices: dict[tuple[str, str], list[dict]] = {}
    for row in as_dicts(states):
        for record in named(row["report"], record_of):
            notices.setdefault((record, KIND.get(row["state"], "")), []).append(row)
    kept = {
        record: row["reason"]
        for row in as_dicts(answers)
        for record in named(row["what"], record_of)
        if row["kind"] == KIND.get(flag.get(record, ""))
        and not later(
            notices.get((record, row["kind"]), []), row["decided_on"], "seen_on", ["notice"]
        )
    }
    of = [[record for record in cell.split() if record in flag] for cell in studies["records"]]
    return pd.DataFrame(
        {
            "report_flag": [" ".join(dict.fromkeys(flag[r] for r in mine)) for mine in of],
            "flag_kept": [
                "; ".join(dict.fromkeys(kept[r] for r in mine)) if set(mine) <= set(kept) else ""
                for mine in of
            ],
        },
        index=studies.index,
        dtype=str,
    )


def later(
    told: Sequence[dict[str, Any]], day: str | None, seen: str, same: Sequence[str]
) -> list[dict[str, Any]]:
    """What was told, in column `seen`, after the day of an answer; all of it where there is none.

    Rows that say the same in the columns `same`, where these say anything, are told once: by the
    first of them.
    """
    # ASSUME: what was told on the day of the answer was before the one who answered.
    keys = [tuple(row[name] for name in same) for row in told]
    keys = [key if any(key) else (number,) for number, key in enumerate(keys)]
    first: dict[tuple, str] = {}
    for key, row in zip(keys, told, strict=True):
        first[key] = min(first.get(key, row[seen]), row[seen])
    return [row for key, row in zip(keys, told, strict=True) if day is None or first[key] > day]


def answered(
    answers: pd.DataFrame, kind: str, record_of: Mapping[str, list[str]]
) -> dict[str, str]:
    """The records on which a person has answered a warning of this kind, each with the day."""
    of_kind = (row for row in as_dicts(answers) if row["kind"] == kind)
    return {r: row["decided_on"] for row in of_kind for r in named(row["what"], record_of)}


def tells(told: str, one: str) -> bool:
    """Whether what was told when somebody answered holds one thing, marks and blanks aside."""
    found = (re.findall(r"[-−]?\w+(?:[.-]\w+)*", text.casefold()) for text in (one, told))
    sought, held = (f" {' '.join(words)} " for words in found)
    return sought in held


def named(what: str, record_of: Mapping[str, list[str]]) -> list[str]:
    """The records that an identifier is of, as people write it; `record_of`: as
    studies.by_identifier gives it."""
    spelt = (what, canonical(what), what.lower())
    return next((record_of[name] for name in spelt if name in record_of), [])


def pair(what: str) -> list[str]:
    """The studies that an answer to an overlap names."""
    return [name for name in re.split(r"[\s;,]+", what) if name]


def must_be_known(
    answers: pd.DataFrame, studies: Collection[str], record_of: Mapping[str, list[str]]
) -> None:
    """Raises TableError for answers about what is not there, or that do not fit their kind.

    `answers`: as read under schema data/sentinel; `record_of`: as studies.by_identifier gives it.
    """
    problems = []
    answered: dict[tuple, int] = {}
    for row in as_dicts(answers):
        place, what = f"{PATH}, row {row['row']}", pair(row["what"])
        of_report = row["kind"] in OF_REPORTS
        about = named(row["what"], record_of) if of_report else what
        earlier = answered.setdefault((row["kind"], frozenset(about)), row["row"])
        if about and earlier != row["row"]:
            problems.append(
                f"{place}, column what: '{row['what']}' is answered in row {earlier} too; keep one "
                "of the two."
            )
        if of_report:
            if not named(row["what"], record_of):
                problems.append(
                    f"{place}, column what: '{row['what']}'; no record of the search exports "
                    f"carries this identifier{perhaps(row['what'], record_of)}."
                )
            if row["kind"] in DATED and not row["decided_on"]:
                problems.append(
                    f"{place}, column decided_on: empty; of a {row['kind']} the day is wanted "
                    "(YYYY-MM-DD): the answer is to what was told until then, and not to what "
                    "comes later."
                )
            if row["decision"] == "different":
                problems.append(
                    f"{place}, column decision: 'different' is an answer to an overlap; of a "
                    f"{row['kind']} keep says that the study stays. To take it out, exclude the "
                    "report in data/raw/screening/decisions.csv."
                )
            continue
        if len(set(what)) != 2:
            problems.append(
                f"{place}, column what: '{row['what']}'; of an overlap two study_ids are wanted, "
                "separated by a blank."
            )
        problems += [
            f"{place}, column what: no study of studies.csv is called '{name}'"
            f"{perhaps(name, studies)}."
            for name in what
            if len(set(what)) == 2 and name not in studies
        ]
    if problems:
        raise TableError(problems)


def perhaps(name: str, known: Collection[str]) -> str:
    """What is known that is written nearly so, for the end of a sentence; "" where nothing is."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (perhaps {close[0]})" if close else ""
