"""Reports sought for retrieval: what the log of full texts says, and which files hold them.

A report that nobody could get is set aside as not retrieved, which is no exclusion: nobody has
judged it. It comes back as soon as the log says that it was obtained.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity
from livingmeta.screening.decisions import NOT_RETRIEVED as SAID_MISSING
from livingmeta.screening.decisions import STAGES, Resolution, by_name

COLUMNS = tables.columns("screening/fulltexts")
RETRIEVED, NOT_RETRIEVED, OUTSTANDING = "retrieved", "not-retrieved", "outstanding"
NOT_SOUGHT, NO_RECORD = "not-sought", "no-record"
# Identifiers by which a file may be called; titles are too long for names of files.
_NAMES = ("doi:", "pmid:", "pmcid:")

# By record the rows of the log on it, from the first to the last.
Log = dict[str, list[dict[Any, Any]]]


def by_record(log: pd.DataFrame, known: Mapping[str, Collection[str]]) -> tuple[Log, list[dict]]:
    """The rows of the log by the record that each is on, the latest last; and those that name no
    record, or several, with `at_odds` unknown or shared.

    `log`: fulltexts.csv, in the order of its files; `known`: as decisions.by_name gives it.
    """
    found: Log = {}
    astray = []
    for row in as_dicts(log.sort_values("sought_on", kind="stable")):
        name = identity.canonical(row["record"])
        meant = known.get(name) or known.get(row["record"]) or ()
        if len(meant) == 1:
            found.setdefault(next(iter(meant)), []).append(row)
        else:
            astray.append({**row, "at_odds": "shared" if meant else "unknown"})
    return found, astray


def unobtained(log: Log) -> dict[str, dict[Any, Any]]:
    """The last row on each record that nobody could get; one row that says yes is enough, and an
    empty one says that it is asked for again."""
    return {
        record: rows[-1]
        for record, rows in log.items()
        if rows[-1]["obtained"] == "no" and all(row["obtained"] != "yes" for row in rows)
    }


def files_of(
    paths: Iterable[str], known: Mapping[str, Collection[str]]
) -> tuple[dict[str, list[str]], list[dict]]:
    """The held files of each record, and those that name no record, or several.

    A file is called as an identifier of the record with all but letters, digits, point and hyphen
    as `_`: doi_10.1000_x.pdf. `known`: as decisions.by_name gives it.
    """
    called: dict[str, set[str]] = {}
    for name, records in known.items():
        if name.startswith(_NAMES) or name in records:
            called.setdefault(file_name(name), set()).update(records)
    held: dict[str, list[str]] = {}
    astray = []
    for path in sorted(paths):
        file = PurePath(path)
        if file.name.upper().startswith("README"):
            continue
        meant = called.get(file_name(file.stem), ())
        if len(meant) == 1:
            held.setdefault(next(iter(meant)), []).append(path)
        else:
            odd = "shared" if meant else "unknown"
            astray.append({"record": file.name, "held": path, "at_odds": odd})
    return held, astray


def file_name(identifier: str) -> str:
    """What a file that holds this record is called, without its ending."""
    return re.sub(r"[^a-z0-9.-]+", "_", identifier.lower())


def sought(
    records: pd.DataFrame,
    resolution: Resolution,
    log: pd.DataFrame,
    digests: Mapping[str, str],
) -> pd.DataFrame:
    """The table screening/fulltexts: every report that came to its full text, in the order of
    `records`, then what the log and the folder name beside these.

    `log`: fulltexts.csv; `digests`: SHA-256 of each held file by its path.
    """
    known = by_name(records)
    noted, lost = by_record(log, known)
    held, stray = files_of(digests, known)
    gone = {row["record_id"]: row["reason"] for row in _rows(resolution.not_retrieved)}
    waits = resolution.awaiting[resolution.awaiting["stage"] == STAGES[1]]
    at = set(waits["record_id"])
    read = {*resolution.included["record_id"], *waits.loc[waits["state"] == "unsure", "record_id"]}
    for table in (resolution.excluded, resolution.conflicts):
        read |= set(table.loc[table["stage"] == STAGES[1], "record_id"])
    votes = resolution.votes
    # Who only says that nobody has it has not judged it.
    opened = (votes["stage"] == STAGES[1]) & ~votes["reason"].isin(SAID_MISSING)
    judged = read | set(votes.loc[opened, "record_id"])
    out = []
    for record, title in zip(records["record_id"], records["title"], strict=True):
        rows, files = noted.get(record, []), held.get(record, [])
        here = record in at or record in read or record in gone
        if not (here or rows or files):
            continue
        got = bool(files) or any(row["obtained"] == "yes" for row in rows)
        if record in gone:
            state = NOT_RETRIEVED
        elif here:
            state = RETRIEVED if got or record in judged else OUTSTANDING
        else:
            state = NOT_SOUGHT
        out.append(
            {
                "record_id": record,
                "title": title,
                "state": state,
                **_said(rows),
                "held": "; ".join(files),
                "at_odds": _odds(state, got, rows, [digests[path] for path in files]),
            }
        )
        if state == NOT_RETRIEVED and not out[-1]["how"]:
            out[-1]["how"] = gone[record]
    beside: dict[str, dict[str, str]] = {}
    for row in (*lost, *stray):  # one row a name, however often it stands there
        own = {"state": NO_RECORD, "record_id": row["record"], "at_odds": row["at_odds"]}
        said = _said([row]) if "sought_on" in row else {"held": row["held"]}
        beside.setdefault(row["record"], own | said)
    return pd.DataFrame([*out, *beside.values()], columns=COLUMNS).fillna("").astype("str")


def _said(rows: list[dict[Any, Any]]) -> dict[str, str]:
    """What the log says of a record in one row."""
    return {
        "sought_on": rows[-1]["sought_on"] if rows else "",
        **{
            column: "; ".join(dict.fromkeys(row[column] for row in rows if row[column]))
            for column in ("how", "note")
        },
    }


def _odds(state: str, got: bool, rows: list[dict[Any, Any]], digests: list[str]) -> str:
    """What does not fit of one record, or ""."""
    wanted = {row["sha256"].lower() for row in rows if row["sha256"]}
    if state == NOT_RETRIEVED and got:
        return "obtained"
    if state == RETRIEVED and not got and rows and rows[-1]["obtained"] == "no":
        return "decided"
    return "digest" if wanted and digests and wanted.isdisjoint(digests) else ""


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return as_dicts(table)
