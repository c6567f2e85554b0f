"""What waits for a person of studies and curves that two people read differently, and of values
that the protocol names and no study has, or that only look like those."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from livingmeta import tables
from livingmeta.extraction import filters, places
from livingmeta.extraction.cells import is_consensus, reader
from livingmeta.living.waiting import Item, Tables, rows_of
from livingmeta.words import english, people, readings, settling

# ASSUME: of so many rows two people word the place, the quote or the note of one differently.
MANY = 10
# Where a row stands and who read it: in these a copy differs.
_ASIDE = {"row", "extractor", *places.OF_FILE}


def copied(found: Tables) -> Iterator[Item]:
    """Two people's printed numbers that are the same in every cell, places, quotes and notes too:
    as likely as not a file that was copied under a second name, and no second reading."""
    by_person: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(found["outcomes"]):
        if not is_consensus(row):
            by_person.setdefault(reader(row), []).append(row)
    for first, second in combinations(by_person.values(), 2):
        of_both = {r["study_id"] for r in first} & {r["study_id"] for r in second}
        mine, theirs = ([r for r in of if r["study_id"] in of_both] for of in (first, second))
        alike = Counter(map(_cells, mine)) == Counter(map(_cells, theirs))
        if alike and len(mine) >= MANY:
            names = (tables.text(of[0]["extractor"]).strip() for of in (mine, theirs))
            both = " and ".join(map(readings.reader, names))
            facts = {"people": both, "count": len(mine)}
            yield Item(facts, file=places.together(theirs).file)


def under_two_names(found: Tables) -> Iterator[Item]:
    """Extractors of one number, assessors of one result, and digitisers of one curve who by their
    names may be one person, and would count as two who agree; and names of several people."""
    known = found["reviewers"]
    persons = {people.key(name) for name in known["reviewer"][known["kind"] == "person"]}
    numbers = [((row["extractor"],), row) for row in rows_of(found["outcomes"])]
    judged = [(row["assessor"].split("; "), row) for row in rows_of(found["risk_of_bias"])]
    drawn = [([row["first"], row["second"]], row) for row in rows_of(found["curve_readings"])]
    of_curve = ("study_id", "outcome", "arm")
    for what, rows, of, file in (
        ("extractor", numbers, (*of_curve, "statistic", "time"), settling.OUTCOMES),
        ("assessor", judged, ("study_id", "outcome", "tool", "domain"), settling.RISK_OF_BIAS),
        ("digitiser", drawn, of_curve, ""),
    ):
        by: dict[tuple[Any, ...], set[str]] = {}
        for names, row in rows:
            by.setdefault(tuple(row.get(name, "") for name in of), set()).update(
                filter(None, names)
            )
        at: dict[tuple[str, ...], list[str]] = {}
        for (study, *_), names in by.items():
            for some in people.doubtful(names, persons):
                at.setdefault(some, []).append(study)
        for some, studies in at.items():
            ids = list(dict.fromkeys(studies))
            facts = {"what": people.asked(some, what, english.listed(ids))}
            own = (row["first_file"] for _, row in drawn if row["study_id"] == ids[0])
            yield Item(facts, study_id=ids[0], file=file or next(own))


def _cells(row: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    said = ((name, tables.text(value)) for name, value in row.items() if name not in _ASIDE)
    return tuple(sorted((name, text) for name, text in said if text))


def on_studies(found: Tables) -> Iterator[Item]:
    """Fields of a study that two extractors fill differently, without a row of consensus."""
    for row in rows_of(found["study_fields"]):
        if row["state"] == "conflict":
            place = {name: row[name] for name in ("study_id", "file", "rows")}
            yield Item({"field": row["field"], "said": row["said"]}, **place)


def on_curves(found: Tables) -> Iterator[Item]:
    """Curves that two people digitised differently, without a file of consensus."""
    open_: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows_of(found["curve_readings"]):
        if row["state"] == "conflict":
            key = tuple(row[name] for name in ("study_id", "arm", "outcome"))
            open_.setdefault(key, []).append(row)
    for (study, arm, outcome), rows in open_.items():
        facts = {
            "curve": f"{arm} on {outcome}",
            "differ": "; ".join(map(readings.curves_differ, rows)),
            "name": f"{study}.{arm}.{outcome}-consensus.csv",
        }
        yield Item(facts, study_id=study, file=rows[0]["first_file"])


def values_of_no_study(found: Tables, named: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """Values of columns of studies.csv that a synthesis names and no study has, though they look
    like one that some have: its studies are kept out, or stay, or count under no label.

    `named`: include, sensitivity and subgroup_labels of each synthesis or curve.
    """
    for name, key, column, values in _named(named):
        for value, near in filters.meant(found["studies"], column, values).items():
            has = dict.fromkeys(tables.text(v) for v in found["studies"][column])
            shown = english.listed([v for v in has if v][:MANY])
            facts = {"synthesis": name, "key": key, "column": column, "value": value}
            facts |= {"near": near, "has": shown}
            yield Item(facts, file=settling.PROTOCOL)


def values_like_named(found: Tables, named: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """Values of studies.csv that look like one that a synthesis names, and do not count as it, once
    each. `named`: as of `values_of_no_study`."""
    told: dict[tuple[str, str, str], dict[str, None]] = {}
    for name, key, column, values in _named(named):
        for value, near in filters.like_named(found["studies"], column, values).items():
            told.setdefault((column, value, near), {})[f"{name} ({key})"] = None
    for (column, value, near), where in told.items():
        of = found["studies"]
        ids = [
            str(i)
            for i, v in zip(of["study_id"], of[column], strict=True)
            if tables.text(v) == value
        ]
        facts = {"column": column, "value": value, "named": near, "where": english.listed(where)}
        facts |= {"studies": english.listed(ids[:MANY])}
        yield Item(facts, study_id=ids[0] if len(ids) == 1 else "", file=settling.STUDIES)


def _named(
    named: Mapping[str, Mapping[str, Any]],
) -> Iterator[tuple[str, str, str, Iterable[Any]]]:
    """The values that a synthesis names of a column: its name, the key of the protocol, the column
    and they."""
    for name, of in named.items():
        lists = [("include", of.get("include", {}))]
        further = [one["leave_out"] for one in of.get("sensitivity", ()) if "leave_out" in one]
        lists += [("leave_out", one) for one in further]
        lists += [("subgroup_labels", of.get("subgroup_labels", {}))]
        for key, columns in lists:
            for column, values in columns.items():
                if column != settling.RISK_COLUMN:
                    yield name, key, column, values
