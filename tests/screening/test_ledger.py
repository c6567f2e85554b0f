"""Ledgers of any shape close; one that was tampered with is named by its record or file.

10,000 of them: LIVINGMETA_LEDGERS=10000 python -m pytest tests/screening/test_ledger.py
"""

import os
import random
import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.screening import decisions, flow

LEDGERS = int(os.environ.get("LIVINGMETA_LEDGERS", "40"))
FILES = {"pubmed.nbib": "", "trials.csv": "register", "hand.csv": "citation searching"}
REASONS = ["no-outcome", "not-retrieved"]
COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]


def ledger(draw: random.Random):
    """A review made up: exports, records with their copies, decisions and what they come to."""
    names = [f"r{number}" for number in range(draw.randrange(1, 30))]
    held = [[draw.choice([*FILES]) for _ in range(draw.choice([1, 1, 1, 2, 4]))] for _ in names]
    at = Counter()
    copies = [[f"{f}:{at.update([f]) or at[f]}" for f in files] for files in held]
    records = pd.DataFrame(
        {
            "record_id": names,
            "title": "A title",
            "year": "2020",
            "identifiers": [f"doi:10.1/{n} pmid:{n[1:]}9" for n in names],
        }
    )
    held = pd.DataFrame(
        [(n, c, c.rpartition(":")[0]) for n, of in zip(names, copies, strict=True) for c in of],
        columns=["record_id", "copy", "file"],
    )
    further = [(c, n) for n, of in zip(names, copies, strict=True) for c in of[1:]]
    searches = pd.DataFrame(
        [
            {
                "file": file,
                "database": file,
                "source": source,
                "searched_on": f"2026-01-0{draw.randrange(1, 9)}",
                "read": at[file],
                "rejected": draw.randrange(3),
            }
            for file, source in FILES.items()
        ]
    )
    votes = [
        [
            draw.choice([f"doi:10.1/{name}", f"pmid:{name[1:]}9"]),
            draw.choice(decisions.STAGES),
            draw.choice(["kim", "lee", "consensus"]),
            draw.choice(decisions.DECISIONS),
            draw.choice(REASONS),
            f"2026-02-{day % 28 + 1:02}",
        ]
        for day, name in enumerate(draw.choices(names, k=draw.randrange(50)))
    ]
    votes = list({(v[0][-3:], *v[1:3], v[5]): v for v in votes}.values())
    table = pd.DataFrame(votes, columns=COLUMNS)
    table = table.drop_duplicates(["stage", "reviewer", "decided_on"])
    found = decisions.resolve(records, table, reviewers=draw.choice([1, 2]), reasons=REASONS)
    further = pd.DataFrame(further, columns=["record_id", "duplicate_of"])
    return searches, records, further, held, found


@given(seed=st.integers(0, 2**32))
@settings(max_examples=LEDGERS, deadline=None)
def test_every_ledger_closes(seed):
    given = ledger(random.Random(seed))
    flow.check_ledger(*given)
    counts = flow.count(*given)
    flow.must_add_up(counts)
    assert counts["records"] == len(given[1])
    assert counts["identified"]["records"] == given[0][["read", "rejected"]].sum().sum()


def _cut(table, row):
    return table.drop(table.index[row])


def _twice(table, row):
    return pd.concat([table, table.iloc[[row]]])


def _with(table, row, column, value):
    table = table.copy()
    table.iloc[row, table.columns.get_loc(column)] = value
    return table


S, R, D, C = "searches", "records", "duplicates", "copies"
# Part of the ledger, what is done to it, and what must be said. The ledger: 29 records.
CORRUPT = {
    "a record lost": (R, lambda t: _cut(t, 0), "{0} is decided on, but is no record"),
    "the last record lost": (R, lambda t: _cut(t, -1), "{-1} is decided on, but is no record"),
    "a record twice": (R, lambda t: _twice(t, 0), "{0} stands twice among the records"),
    "the last record twice": (R, lambda t: _twice(t, -1), "{-1} stands twice among the records"),
    "a record renamed": (R, lambda t: _with(t, 1, "record_id", "x"), "x stands nowhere in"),
    "a copy struck": (C, lambda t: _cut(t, 0), "copies stand in copies.csv"),
    "a copy more": (C, lambda t: _twice(t, 0), "{0} has"),
    "a copy of another file": (C, lambda t: _with(t, 0, "file", "x.ris"), "copies stand in"),
    "a copy of another record": (C, lambda t: _with(t, 0, "record_id", "x"), "x has copies, but"),
    "a duplicate lost": (D, lambda t: _cut(t, 0), "copies, duplicates"),
    "the last duplicate lost": (D, lambda t: _cut(t, -1), "copies, duplicates"),
    "a duplicate twice": (D, lambda t: _twice(t, 0), "copies, duplicates"),
    "a duplicate of nothing": (
        D,
        lambda t: _with(t, 0, "duplicate_of", "x"),
        "x has copies, but is no record",
    ),
    "a count too high": (
        S,
        lambda t: _with(t, 0, "read", t.iloc[0]["read"] + 1),
        "pubmed.nbib: ",
    ),
    "a count too low": (S, lambda t: _with(t, 2, "read", t.iloc[2]["read"] - 1), "hand.csv: "),
    "an export renamed": (S, lambda t: _with(t, 1, "file", "y.csv"), "y.csv: "),
    "an exclusion lost": ("excluded", lambda t: _cut(t, 0), "stands nowhere in"),
    "an exclusion twice": ("excluded", lambda t: _twice(t, 0), "stands twice in"),
    "an inclusion lost": ("included", lambda t: _cut(t, 0), "stands nowhere in"),
    "an inclusion renamed": (
        "included",
        lambda t: _with(t, 0, "record_id", "x"),
        "x is decided on, but is no record",
    ),
    "one awaiting lost": ("awaiting", lambda t: _cut(t, 0), "stands nowhere in"),
    "one awaiting twice": ("awaiting", lambda t: _twice(t, -1), "stands twice in"),
    "a conflict lost": ("conflicts", lambda t: _cut(t, 0), "stands nowhere in"),
}


@cache
def rich():
    """The first made-up ledger in which each kind of place holds a record."""
    for seed in range(10_000):
        given = ledger(random.Random(seed))
        if all(map(len, (given[2], *_places(given[4]).values()))) and len(given[1]) > 9:
            return given
    raise AssertionError("no ledger has it all: mend `ledger`")


def _places(found):
    return {p: getattr(found, p) for p in ("included", "excluded", "awaiting", "conflicts")}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_corrupted_ledger_is_named(name):
    part, corrupt, says = CORRUPT[name]
    *tables, found = rich()
    parts = dict(zip((S, R, D, C), tables, strict=True))
    if part in parts:
        parts[part] = corrupt(parts[part])
    else:
        before = getattr(found, part)
        after = corrupt(before)
        found = replace(found, **{part: after})
        first = before.iloc[-1 if name == "one awaiting twice" else 0]["record_id"]
        says = says if says.startswith("x ") else f"{first} {says}"
    names = tables[1]["record_id"]
    says = says.format(*names) if "{0}" in says else says
    says = says.replace("{-1}", names.iloc[-1])
    with pytest.raises(flow.FlowError, match=re.escape(says)):
        flow.check_ledger(*parts.values(), found)
