"""Studies and how far their reports have come through screening."""

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from math import nan
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import places
from livingmeta.extraction.filters import as_text
from livingmeta.screening import identity, kinds, normalise
from livingmeta.tables import TableError

PATH = "data/raw/extraction/studies.csv"
# What a study is when its reports stand differently: the first of these that any report is.
STATES = ("included", "awaiting", "excluded", "not-screened")
# What people write into a cell for what a report does not say; `none`, `unknown` and `unclear` are
# values, of which a review may have a subgroup.
UNSAID = frozenset([
    "nr", "n.r.", "n/r", "na", "n/a", "n.a.", "not reported", "not stated", "not available",
    "?", "-", "\u2013", "\u2014",
])  # fmt: skip
# Here it tells that somebody looked, or is a name.
KEPT = ("study_id", "records", "label", "row", "registration")


def reports(raw: pd.DataFrame, record_of: Mapping[str, list[str]]) -> list[list[str]]:
    """The record_ids of each study's reports, in the order of `raw` (schema data/studies).

    `record_of`: as `by_identifier` gives it; an identifier of several records names them all.
    Raises TableError listing every identifier that no record carries.
    """
    problems, found = [], []
    for study in as_dicts(raw):
        records: dict[Any, bool] = {}
        for identifier in identity.several(study["records"], record_of):
            named = record_of.get(identifier) or record_of.get(identifier.lower(), [])
            if not named:
                close = difflib.get_close_matches(identifier, list(record_of), n=1, cutoff=0.6)
                hint = f" (perhaps {close[0]})" if close else ""
                problems.append(
                    f"{places.named(study, PATH)}, column records: '{identifier}'; no record of "
                    f"the search exports carries this identifier{hint}. If it has vanished from "
                    "them, put back the export that held it."
                )
            records |= dict.fromkeys(named, True)
        found.append(list(records))
    if problems:
        raise TableError(problems)
    return found


# What may stand in the name of a trial, and tells it from none.
_TRIAL = re.compile(r"\b(?:the|trial|study|studie|rct|essai|ensayo|estudio)\b", re.IGNORECASE)


def in_one_writing(raw: pd.DataFrame) -> pd.DataFrame:
    """The studies (schema data/studies), one trial of their column `trial` written in one way: as
    its first row has it (RINSE-3 for `RINSE 3` and `Rinse-3 trial`); `attrs["notes"]` say so."""
    if "trial" not in raw:
        return raw
    first: dict[str, str] = {}
    said: dict[str, str] = {}
    found = []
    for cell in map(tables.text, raw["trial"]):
        name = cell.strip()
        key = normalise.title_key(_TRIAL.sub(" ", name)).replace("_", "") or name
        found.append(first.setdefault(key, name))
        if name != found[-1] and name.casefold() != found[-1].casefold():
            said.setdefault(
                name, f"{PATH}, column trial: '{name}' is taken for the same as '{found[-1]}'."
            )
    out = raw.assign(trial=found)
    out.attrs["notes"] = [*raw.attrs.get("notes", []), *said.values()]
    return out


def with_status(
    raw: pd.DataFrame, record_of: Mapping[str, list[str]], status_of: Mapping[str, str]
) -> pd.DataFrame:
    """The studies with `records` as record_ids and the column `status`.

    `raw`: as read under schema data/studies; `record_of`: as `by_identifier` gives it;
    `status_of`: state by record_id (included, awaiting, excluded; not screened if absent). A study
    is as far as its furthest report, so one included report makes it included. Words that differ in
    case and blanks alone, and numbers in noughts at their end, are written as most in their column
    are, so that `RCT` and `rct`, and `1` and `1.0`, are one subgroup; what says that nothing is
    reported (`UNSAID`) is empty, `attrs["notes"]` tells where.

    Raises TableError for an identifier that no record carries.
    """
    _told_apart(raw)
    _own_names(raw)
    rows = []
    for study, found in zip(as_dicts(raw), reports(raw, record_of), strict=True):
        states = {status_of.get(record, "not-screened") for record in found}
        status = next((state for state in STATES if state in states), "not-screened")
        rows.append({**study, "records": " ".join(found), "status": status})
    table = pd.DataFrame(rows, columns=[*raw.columns, "status"])
    for column in table.columns.difference(["study_id", "records", "label", "row"]):
        words = Counter(cell for cell in table[column] if isinstance(cell, str))
        written = {as_text(word): word for word in sorted(words, key=lambda w: (words[w], w))}
        table[column] = [
            written[as_text(cell)] if isinstance(cell, str) else cell for cell in table[column]
        ]
    notes = _emptied(table)
    table = table.astype({"year": "Int64", "n": "Int64"})
    table = table.drop(columns=["row", *places.OF_FILE], errors="ignore")
    table.attrs["notes"] = notes
    return table


def newest_report(table: pd.DataFrame, records: pd.DataFrame) -> dict[str, float]:
    """By study the year of the last of its reports, where one of them is more than an entry of a
    register; else that of the last of all records; NaN where nothing tells.

    `table`: as `with_status` gives it; `records`: as in screening/records.csv.
    """
    years = {
        r["record_id"]: int(r["year"])
        for r in as_dicts(records)
        if str(r["year"]).isdigit()
        and kinds.kind(r["title"], r["type"], r["doi"], r["journal"]) != kinds.REGISTRATION
    }
    last = max(years.values(), default=nan)
    return {
        name: max((years[r] for r in reports.split() if r in years), default=last)
        for name, reports in zip(table["study_id"], table["records"], strict=True)
    }


def _emptied(table: pd.DataFrame) -> list[str]:
    """Empties the cells that say that nothing is reported; a note for each column that has some."""
    notes = []
    for column in table.columns.difference([*KEPT]):
        unsaid = [isinstance(cell, str) and _said(cell) in UNSAID for cell in table[column]]
        if any(unsaid):
            words = ", ".join(sorted(set(table.loc[unsaid, column])))
            of = ", ".join(table.loc[unsaid, "study_id"])
            notes.append(f"{PATH}, column {column}: {words} is read as not reported ({of}).")
            table.loc[unsaid, column] = ""
    return notes


def _said(cell: str) -> str:
    """A cell's words, their case and blanks aside."""
    return " ".join(cell.split()).casefold()


def _told_apart(raw: pd.DataFrame) -> None:
    """Raises TableError for studies whose names nobody can tell apart: Kim-2021 and kim_2021."""
    seen: dict[str, Any] = {}
    problems = []
    for study in as_dicts(raw):
        other = seen.setdefault(study["study_id"].casefold().replace("_", "-"), study)
        if other is not study:
            problems.append(
                f"{places.named(study, PATH)}, column study_id: '{study['study_id']}'; "
                f"{places.named(other, PATH)} has '{other['study_id']}'. If they are one study, "
                "keep one row; if they are two, give them names that differ in more than case."
            )
    if problems:
        raise TableError(problems)


def _own_names(raw: pd.DataFrame) -> None:
    """Raises TableError for further columns that are called as one of the results is, since the
    two would be taken for each other where studies and effects are joined."""
    known = set(tables.columns("data/studies"))
    ours = {*tables.columns("effects/effects"), *tables.columns("extraction/studies")} - known
    taken = [column for column in raw.columns if column in ours]
    if taken:
        raise TableError(
            [
                f"{PATH}, row 1, column {column}: the results have a column of this name; call it "
                f"otherwise, such as {column}_reported."
                for column in taken
            ]
        )


def by_identifier(records: pd.DataFrame) -> dict[str, list[str]]:
    """The record_ids of every identifier of every copy: several where copies of one identifier may
    be two reports; a record_id is that of its record alone. `records`: as in screening/records.csv.
    """
    found: dict[str, list[str]] = {}
    for record, identifiers in zip(records["record_id"], records["identifiers"], strict=True):
        for identifier in identifiers.split():
            found.setdefault(identifier, []).append(record)
    return found | {record: [record] for record in records["record_id"]}
