"""studies.csv as several people filled it in, field by field.

Kim's reading stands in studies-kim.csv, and so on. A field that two fill with different things is
empty until people agree (or one's reading counts, by extraction.until_settled of the protocol).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import agreement, places
from livingmeta.extraction.cells import CONSENSUS
from livingmeta.extraction.randomised import says_by_lot, told_of
from livingmeta.extraction.same_number import alike
from livingmeta.extraction.settled import LEAVE_OUT
from livingmeta.words import people, settling

SCHEMA = "data/studies"
AGREED, SETTLED, CONFLICT = "agree", "consensus", "conflict"
# The first's stands: reports are those that either names, a label is a matter of taste.
_UNITED, _TAKEN = "records", ("study_id", "label")


class Said(NamedTuple):
    """One person's entry in one field of a study; `row`: the record that it is of."""

    by: str
    value: Any
    row: dict[Any, Any]


class Field(NamedTuple):
    """A field of a study that two or more people have filled in; `stands`: what counts, None for
    nothing."""

    study: str
    name: str
    said: tuple[Said, ...]
    state: str
    stands: Any


class Studies(NamedTuple):
    """`table`: schema data/studies, a row a study, with where it stands first (places.OF_FILE).
    `fields`: what several have filled in. `readers`: who has read something."""

    table: pd.DataFrame
    fields: list[Field]
    readers: list[str]


def merge(parts: Sequence[tuple[str, pd.DataFrame]], until: str = LEAVE_OUT) -> Studies:
    """The studies of several people as one table. `parts`: who, "" for nobody by name, and what
    they read (schema data/studies; OF_FILE where a row is not of studies.csv). `until`: whose
    reading counts where two differ and nobody has settled it. A study that one alone has stands as
    that one has it. Raises TableError where two people name a study of one report differently, and
    for what is settled of a study that nobody has."""
    whole = pd.concat([rows for _, rows in parts], ignore_index=True)
    columns = [name for name in whole.columns if name not in ("row", *places.OF_FILE)]
    entries: dict[str, list[tuple[str, dict[Any, Any]]]] = {}
    called: dict[str, str] = {}
    for by, rows in parts:
        own = set()
        for record in as_dicts(rows):
            name = spreadsheets.squeezed(record["study_id"])
            # Two names of one person that are one but for blanks are refused elsewhere.
            name = record["study_id"] if name in own else name
            own.add(name)
            called.setdefault(name, record["study_id"])
            entries.setdefault(name, []).append((by, record))
    if problems := [*_of_nobody(entries), *_named_differently(entries)]:
        raise tables.TableError(problems)
    merged, fields = [], []
    for name, mine in entries.items():
        _, record = mine[0]
        row = {key: record.get(key, "") for key in ("row", *places.OF_FILE)}
        for column in columns:
            said = tuple(
                Said(by, one[column], one)
                for by, one in mine
                if tables.text(one.get(column)).strip()
            )
            field = _field(called[name], column, said, until)
            row[column] = record.get(column) if field.stands is None else field.stands
            if field.state == CONFLICT and field.stands is None:
                row[column] = _nothing(whole[column])
            if len({one.by for one in said}) > 1 and column not in (_UNITED, *_TAKEN):
                fields.append(field)
        merged.append(row)
    table = pd.DataFrame(merged, columns=[*columns, "row", *places.OF_FILE])
    texts = [name for name in columns if not pd.api.types.is_numeric_dtype(whole[name])]
    texts += [name for name in places.OF_FILE if name in table]
    table[texts] = table[texts].fillna("")
    table = table.astype({name: whole[name].dtype for name in columns})
    table.attrs["notes"] = []
    readers = dict.fromkeys(by for by, rows in parts if by != CONSENSUS and len(rows))
    return Studies(table, fields, list(readers))


def _of_nobody(entries: dict[str, list[tuple[str, dict[Any, Any]]]]) -> Iterator[str]:
    """Rows of consensus on a study that no reader has: it was renamed since, or left out."""
    for mine in entries.values():
        if all(by == CONSENSUS for by, _ in mine):
            record = mine[0][1]
            yield (
                f"{places.named(record, settling.STUDIES)}, column study_id: no reader has a study "
                f"'{record['study_id']}'; call it as they do, or take out this row of consensus."
            )


def _named_differently(entries: dict[str, list[tuple[str, dict[Any, Any]]]]) -> Iterator[str]:
    """Studies that one person alone has and of which another, who has not this one, has the report
    under another name: they would count as two."""
    of_report: dict[str, list[str]] = {}
    for name, mine in entries.items():
        reports = {r for _, row in mine for r in tables.text(row.get(_UNITED)).casefold().split()}
        for report in sorted(reports):
            of_report.setdefault(report, []).append(name)
    pairs = {pair: report for report, names in of_report.items() for pair in combinations(names, 2)}
    for (one, other), report in pairs.items():
        if {by for by, _ in entries[one]} & {by for by, _ in entries[other]}:
            continue
        first, second = entries[one][0][1], entries[other][0][1]
        yield (
            f"{places.named(second, settling.STUDIES)}, column study_id: '{second['study_id']}' is "
            f"of the report {report}, as is '{first['study_id']}' in "
            f"{places.named(first, settling.STUDIES)}, and would count as a second study. Name it "
            "alike in both; if the report is of two studies, list both of them in each."
        )


def _nothing(column: pd.Series) -> Any:
    if not pd.api.types.is_numeric_dtype(column):
        return ""
    return pd.NA if column.dtype == "Int64" else float("nan")


def _field(study: str, name: str, said: tuple[Said, ...], until: str) -> Field:
    """What stands of the entries of a field."""
    if name == _UNITED:
        named = dict.fromkeys(one.value.strip() for one in said)
        return Field(study, name, said, AGREED, " ".join(named) if said else None)
    agreed = [one for one in said if one.by.casefold() == CONSENSUS]
    standing = agreed or said
    state = SETTLED if agreed else AGREED
    if name not in _TAKEN and _differ(name, standing):
        state = CONFLICT
        standing = tuple(one for one in standing if people.key(one.by) == people.key(until))
    return Field(study, name, said, state, standing[0].value if standing else None)


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two entries of a column say the same: a number as it was rounded, words by their
    letters and figures."""
    kind = tables.schema(SCHEMA)["columns"].get(name, {}).get("type", "string")
    if kind == "number":
        return alike(float(one), float(other))
    if kind == "integer":
        return int(one) == int(other)
    # RCT and randomised: in other words. A crossover and a parallel one are two.
    by_lot = name == "design" and says_by_lot(one) and says_by_lot(other)
    told = {told_of(str(of)) for of in (one, other)} - {""} if by_lot else set()
    return (by_lot and len(told) < 2) or _plain(one) == _plain(other)


def _plain(value: Any) -> str:
    text = str(value).casefold()
    return "".join(c for c in text if c.isalnum()) or text.strip()


def _differ(name: str, said: Iterable[Said]) -> bool:
    return any(not same(name, a.value, b.value) for a, b in combinations(said, 2))


def table_of(fields: Iterable[Field]) -> pd.DataFrame:
    """The fields in the columns of extraction/study_fields."""
    rows = []
    for field in fields:
        records = [one.row for one in field.said]
        file = places.file_of(records[0], settling.STUDIES)
        numbers = places.within(
            [{**r, "in_file": places.file_of(r, settling.STUDIES)} for r in records], file
        )
        rows.append(
            {
                "study_id": field.study,
                "field": field.name,
                "state": field.state,
                "stands": tables.text(field.stands),
                "said": "; ".join(
                    f"{tables.text(one.value)} ({one.by or 'no name'})" for one in field.said
                ),
                "file": file,
                "rows": numbers,
            }
        )
    return pd.DataFrame(rows, columns=tables.columns("extraction/study_fields"), dtype=object)


def unsettled(fields: Iterable[Field]) -> dict[str, str]:
    """By study the fields of which nothing counts, separated by blanks; with settling.BY_LOT where
    of two designs one alone was drawn by lot."""
    found: dict[str, list[str]] = {}
    for field in fields:
        if field.state == CONFLICT and field.stands is None:
            found.setdefault(field.study, []).append(field.name)
            if field.name == "design" and len({says_by_lot(one.value) for one in field.said}) > 1:
                found[field.study].append(settling.BY_LOT)
    return {study: " ".join(names) for study, names in found.items()}


def agree(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Rows of extraction/agreement: of each two people, in each field and in all."""
    columns = tables.schema(SCHEMA)["columns"]
    pairs: dict[tuple[str, str], dict[str, list[tuple[str, str, bool]]]] = {}
    for field in fields:
        readers = [one for one in field.said if one.by.casefold() != CONSENSUS]
        for a, b in combinations(readers, 2):
            told = (tables.text(a.value), tables.text(b.value), same(field.name, a.value, b.value))
            pairs.setdefault((a.by, b.by), {}).setdefault(field.name, []).append(told)
    rows = []
    for (first, second), of in pairs.items():
        head = {"table": "studies", "first": first, "second": second}
        every = [told for some in of.values() for told in some]
        rows.append(head | {"field": agreement.ALL} | agreement.share_of(t[2] for t in every))
        for name, some in of.items():
            row = head | {"field": name} | agreement.share_of(t[2] for t in some)
            if "allowed" in columns.get(name, {}):
                row |= agreement.kappa_of((a, b) for a, b, _ in some)
            rows.append(row)
    return rows


def cases(fields: Iterable[Field], table: pd.DataFrame) -> list[dict[str, Any]]:
    """The fields that nobody has settled, as extraction/desk has cases."""
    by_study = {row["study_id"]: row for row in as_dicts(table)}
    found: list[dict[str, Any]] = []
    for field in fields:
        if field.state == CONFLICT:
            study = by_study[field.study]
            sides = [
                {
                    "by": one.by,
                    "where": places.beside_name(one.row, settling.STUDIES),
                    "cells": {field.name: tables.text(one.value)},
                    "checks": [],
                }
                for one in field.said
            ]
            fixed = {name: study[name] for name in ("study_id", "records", "label")}
            found.append(
                {
                    "kind": "studies",
                    "study": field.study,
                    "title": field.name,
                    "fixed": fixed,
                    "differs": [field.name],
                    "edit": [field.name],
                    "sides": sides,
                    "machines": [],
                    "beside": "",
                }
            )
    return found
