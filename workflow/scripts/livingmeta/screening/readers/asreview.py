"""Labels of ASReview (van de Schoot et al. 2021, Nat Mach Intell 3:125-33), read and written.

A label says relevant or irrelevant on title and abstract. In tables it is 1 or 0 in a column of
one of several names, in RIS a word in the notes; -1, an empty cell and `ASReview_not_seen` are no
label. Facts on the format: ASReview's documentation on data with labels.
"""

import csv
import io
import re
from datetime import UTC, datetime

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.screening import identity
from livingmeta.screening.decisions import PLACES, STAGES, Resolution

# Columns that hold labels, in the order in which ASReview looks for them.
LABELS = (
    *("asreview_label", "included", "label", "final_included", "label_included"),
    *("included_label", "included_final", "included_flag", "include"),
)
# The column by which a record comes back under our own name; `record_id` is ASReview's.
OURS = "livingmeta_record"
COLUMNS = [name for name in tables.columns("data/decisions") if name != "labels"]
# What `decisions` gives: beside those columns the time, None where none is told, and the place.
READ = [*COLUMNS, "when", "where"]
DECISIONS = {1: "include", 0: "exclude"}
NOTED = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")


class LabelError(InputError):
    """An export without labels, or one with a label that is none."""


def dataset(records: pd.DataFrame, resolved: Resolution) -> pd.DataFrame:
    """The records as ASReview takes them, those settled on title and abstract with their label.

    `records`: the columns of records.csv. A record that went on to the full text is relevant,
    whatever became of it there; one in doubt or in conflict has no label.
    """
    first, second = STAGES
    labels = dict.fromkeys(resolved.included["record_id"], 1)
    for table in (getattr(resolved, place) for place in PLACES[1:]):
        labels |= dict.fromkeys(table.loc[table["stage"] == second, "record_id"], 1)
    out = resolved.excluded
    labels |= dict.fromkeys(out.loc[out["stage"] == first, "record_id"], 0)
    columns = ["title", "abstract", "authors", "year", "journal", "keywords", "doi", "url"]
    found = records[columns].copy()
    found.insert(0, OURS, records["record_id"])
    found["included"] = records["record_id"].map(labels).astype("Int64")
    return found


def decisions(
    read: pd.DataFrame, known: dict[str, set[str]], reviewer: str, day: str, header: str = ""
) -> tuple[pd.DataFrame, list[str]]:
    """Labels as rows of decisions.csv (`READ`), in the order of the file, and in words those that
    are on no record or could be on several.

    `read`: an export as readers.read gives it. `known`: record ids by name, as decisions.by_name
    gives them. `reviewer`: who gave the labels. `day`: the date (YYYY-MM-DD) of those without a
    time. `header`: the first line of a table, "" for RIS. Raises LabelError for an export that
    cannot hold labels.
    """
    rows, lost = [], []
    cells = _of_table(read, header) if header else _of_notes(read)
    for record, found in zip(as_dicts(read), cells, strict=True):
        where = f"line {record['line']}, '{record['title'][:60]}'"
        label = _label(found["label"], where)
        if label is None:
            continue
        named, why = meant(record, known, found.get(OURS, ""))
        if not named:
            lost.append(f"{where}: {why}")
            continue
        when = _when(found.get("asreview_time", ""))
        note = " ".join(found.get("asreview_note", "").split())
        decided_on = when.date().isoformat() if when else day
        given = (reviewer, DECISIONS[label], "", decided_on, note)
        rows.append((*named, STAGES[0], *given, when, where))
    return pd.DataFrame(rows, columns=READ, dtype=object), lost


def meant(record: dict, known: dict[str, set[str]], ours: str = "") -> tuple[tuple[str, ...], str]:
    """The one record that an exported one is, by our own name or its identifiers; else why none."""
    found = [known.get(name, set()) for name in (ours, *identity.identifiers(record))]
    one = next((records for records in found if len(records) == 1), set())
    return tuple(
        one
    ), "" if one else f"{'several records' if any(found) else 'no record'} of that name"


def _of_table(read: pd.DataFrame, header: str) -> list[dict[str, str]]:
    separator = max(",;\t", key=header.count)
    heads = heads_of(header)
    column = column_of(heads)
    if column is None:
        raise LabelError(f"no column of labels; ASReview calls it {LABELS[0]} or {LABELS[1]}")
    found = []
    for raw in read["raw"]:
        row = next(csv.reader(io.StringIO(raw, newline=""), delimiter=separator))
        cells = dict(zip(heads, row, strict=False))
        found.append(cells | {"label": cells.get(column, "")})
    return found


def heads_of(header: str) -> list[str]:
    """The columns of a table by its first line; `Include?` is include."""
    cells = next(csv.reader([header], delimiter=max(",;\t", key=header.count)), [])
    return [head.strip(" ?\ufeff").lower() for head in cells]


def column_of(heads: list[str]) -> str | None:
    """The column that holds the labels, or None."""
    return next((name for name in LABELS if name in heads), None)


def _of_notes(read: pd.DataFrame) -> list[dict[str, str]]:
    said = [set(NOTED.findall(raw)) - {"not_seen"} for raw in read["raw"]]
    if not any(said):
        raise LabelError("no record has a note such as ASReview_relevant or ASReview_irrelevant")
    words = {"relevant": "1", "irrelevant": "0"}
    return [{"label": " and ".join(words[word] for word in sorted(labels))} for labels in said]


def _label(text: str, where: str) -> int | None:
    """1, 0, or None where the record was not labelled; spreadsheets write 1 as 1.0."""
    text = text.strip()
    if text in ("", "-1", "-1.0"):
        return None
    if text in ("1", "1.0", "0", "0.0"):
        return int(text[0])
    raise LabelError(f"{where}: the label is '{text}'; right would be 1, 0 or nothing")


def _when(text: str) -> datetime | None:
    """The time of a label: an ISO time or seconds since 1970; None where there is none."""
    text = text.strip()
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
