"""Numbers that machines propose: kept apart, and compared with what people read.

Nothing that a machine reads reaches the rows that effects are made from: only a person moves one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.extraction.cells import at_one_time, cell, is_consensus
from livingmeta.extraction.compared import differ
from livingmeta.extraction.places import OF_FILE
from livingmeta.extraction.settled import counted
from livingmeta.formulas.shares import wilson
from livingmeta.screening.decisions import person

PATH = "data/raw/extraction/proposals.csv"
RIGHT, WRONG, OPEN, NEW, IMPOSSIBLE = "right", "wrong", "open", "new", "impossible"


class Proposed(NamedTuple):
    """A number that a machine proposes: as typed, in the units of the pipeline, and its number in
    extraction/proposals.csv."""

    typed: Mapping[Any, Any]
    record: dict[Any, Any]
    row: int


def apart(
    outcomes: pd.DataFrame, proposed: pd.DataFrame, reviewers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that people read, and those of machines, wherever these stand.

    `outcomes`: as `readings.read` gives them; `proposed`: proposals.csv, under the same schema;
    `reviewers`: the rows of reviewers.csv. Raises InputError for a proposal by nobody who is
    declared a machine.
    """
    machines = {person(name) for name in reviewers["reviewer"][reviewers["kind"] == "machine"]}
    if wrong := [
        f"{PATH}, row {row['row']}, column extractor: '{row['extractor']}'; it must be a machine "
        "of data/raw/reviewers.csv (kind machine). What a person read belongs into outcomes.csv."
        for row in as_dicts(proposed)
        if person(row["extractor"]) not in machines
    ]:
        raise InputError(wrong)
    theirs = outcomes["extractor"].map(lambda name: person(str(name)) in machines).astype(bool)
    people = outcomes[~theirs]
    people.attrs["notes"] = list(outcomes.attrs.get("notes", []))
    if theirs.any():
        names = ", ".join(dict.fromkeys(outcomes.loc[theirs, "extractor"]))
        people.attrs["notes"].append(
            f"outcomes.csv: {int(theirs.sum())} rows of a machine ({names}) are proposals and "
            "count nowhere."
        )
    stands = proposed.copy()
    stands[OF_FILE[0]], stands[OF_FILE[1]] = PATH, proposed["row"].astype(str)
    found = [part for part in (outcomes[theirs], stands) if len(part)]
    return people, pd.concat(found, ignore_index=True) if found else proposed


def compare(
    proposed: pd.DataFrame, people: pd.DataFrame, tidy: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """What became of each proposal, in the columns of extraction/proposals and their order.

    `proposed`: as `apart` gives it; `people`: results/extraction/outcomes.csv; `tidy`: converts
    rows of the first to the units of the second. A proposal is held to the cell as people settled
    it, by consensus or by reading alike; `open` while they differ, `new` where none has read it.
    """
    truth = _of_people(people, proposed["study_id"])
    rows: list[dict[Any, Any]] = []
    for number in range(len(proposed)):
        one = proposed.iloc[[number]]
        raw = as_dicts(one)[0]
        told: dict[str, Any] = {"machine": raw["extractor"], "state": IMPOSSIBLE, "why": ""}
        try:
            record: dict[Any, Any] = as_dicts(tidy(one))[0]
        except InputError as error:
            told["why"] = str(error).splitlines()[0]
            record = raw | {"printed": tables.text(raw["value"])}
        else:
            settled, open_ = truth.get(str(raw["study_id"]), ([], []))
            same = next((r for r in settled if one_cell(r, record)), None)
            if same is not None:
                told["state"] = WRONG if differ(record, same) else RIGHT
                told |= {"people_row": same["row"], "people_say": same["printed"]}
            else:
                told["state"] = OPEN if any(one_cell(r, record) for r in open_) else NEW
        rows.append({**record, **told, "row": number + 2})
    columns = tables.columns("extraction/proposals")
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.where(table.notna(), None)


def open_of(
    proposed: pd.DataFrame,
    compared: pd.DataFrame,
    tidy: Callable[[pd.DataFrame], pd.DataFrame],
) -> Iterator[Proposed]:
    """The proposals for cells on which people differ; arguments as of `compare`, and its answer."""
    for number, state in enumerate(compared["state"]):
        if state == OPEN:
            one = proposed.iloc[[number]]
            record: dict[Any, Any] = as_dicts(tidy(one))[0]
            yield Proposed(as_dicts(one)[0], record, int(compared["row"].iloc[number]))


def accuracy(compared: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """How many proposals of each machine are right, of those that people have settled, and how
    many of the cells that people settled in the same studies it found, with Wilson's intervals."""
    truth = _of_people(people, compared["study_id"])
    rows = []
    for machine, mine in compared.groupby("machine", sort=False):
        counts = mine["state"].value_counts()
        right, wrong = int(counts.get(RIGHT, 0)), int(counts.get(WRONG, 0))
        studies = set(mine["study_id"])
        cells = {(study, r["row"]) for study in studies for r in truth.get(str(study), ([], []))[0]}
        met = set(zip(mine["study_id"], mine["people_row"], strict=True)) & cells
        row: dict[str, Any] = {"machine": machine, "proposals": len(mine)}
        row |= {"compared": right + wrong, "right": right}
        row |= {state: int(counts.get(state, 0)) for state in (OPEN, NEW, IMPOSSIBLE)}
        row |= {"cells": len(cells), "found": len(met)}
        for name, many, of in (("right", right, right + wrong), ("found", len(met), len(cells))):
            if of:
                low, high = wilson(many, of)
                row |= {f"{name}_share": many / of, f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows, columns=tables.columns("extraction/machines"), dtype=object)


def _of_people(
    people: pd.DataFrame, studies: Iterable[Any]
) -> dict[str, tuple[list[dict], list[dict]]]:
    """By study, of `studies`, one row of each cell that people settled, and the rows on which they
    differ."""
    people = people[people["study_id"].astype(str).isin({str(name) for name in studies})]
    found: dict[str, list[dict]] = {}
    for row in as_dicts(people.astype(object).where(people.notna(), None)):
        found.setdefault(str(row["study_id"]), []).append(row)
    out = {}
    for study, rows in found.items():
        standing = counted(rows)
        open_ = [record for clash in standing.clashes for record in clash.records]
        out[study] = (list(_one_each(standing.records)), open_)
    return out


def _one_each(records: list[dict]) -> Iterator[dict]:
    """One row of each cell: that of consensus, else the first."""
    by: dict[tuple[str, ...], list[dict]] = {}
    for record in records:
        by.setdefault(cell(record), []).append(record)
    for rows in by.values():
        for group in at_one_time(rows):
            if group:
                yield min(group, key=lambda r: (not is_consensus(r), int(r["row"])))


def one_cell(one: dict, other: dict) -> bool:
    """Whether two rows are of one cell and one time."""
    return cell(one) == cell(other) and any(len(group) == 2 for group in at_one_time([one, other]))
