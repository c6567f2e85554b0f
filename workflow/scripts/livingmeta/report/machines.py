"""What machines that were declared said of the records, beside what people came to."""

from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.report import inline, table_numbers
from livingmeta.screening.machines import DESCRIBED, FEWEST
from livingmeta.words import english
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.settling import STAGES

COUNTS = {
    "votes": "records it judged",
    "unsure": "records it was unsure of",
    "unmatched": "votes that name no record",
    "open": "records it judged that people have not come to a decision on",
    "kept": "records it judged that people kept",
    "kept_too": "records that people and it kept",
    "dropped": "records it judged that people excluded",
    "dropped_too": "records that people and it excluded",
}
PROPOSED = {
    "proposals": "numbers that it proposed",
    "compared": "of them those whose cell people settled",
    "right": "of these those that are right",
    "cells": "cells that people settled in the studies it read",
    "found": "of these those that it found",
    "open": "numbers on which people differ",
    "new": "numbers that nobody has read",
    "impossible": "numbers that cannot be",
}
PROPOSALS = "data/raw/extraction/proposals.csv"
SHARES = {"sensitivity": "of the records people kept", "specificity": "of those people excluded"}
NOT_SAID = {
    "name": "name",
    "version": "version",
    "used_on": "day of use",
    "purpose": "purpose",
    "prompt": "prompt",
    "responsible": "person responsible",
}


def section(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict[str, Any]:
    """The declared machines, each with the stages at which it judged records; {} without one.

    `machines`: what is known of each and `not_said`, what is not; `compared`: a row a machine and
    stage, its numbers registered under `key`; `missed`: the records that people kept and it did
    not. `fewest`: the id of the number of records below which no share is given.
    """
    table = tables["machines"]
    rows = as_dicts(table[table["declared"].astype(bool)]) if len(table) else []
    if not rows:
        return {}
    records = {row["record_id"]: row for row in as_dicts(tables["records"])}
    said: dict[str, dict[str, Any]] = {}
    compared = []
    for row in rows:
        told = {k: "" if missing(row[k]) else str(row[k]) for k in DESCRIBED}
        blank = [words for column, words in NOT_SAID.items() if not told[column]]
        about = {"reviewer": row["reviewer"], **told, "not_said": english.listed(blank, "or")}
        said.setdefault(row["reviewer"], about | {"day": english.date(told["used_on"])})
        if not missing(row["stage"]):
            compared.append(_compared(row, len(said), records, numbers))
    numbers.add("machines/fewest", FEWEST, "count", "", [], "records below which no share is given")
    return {
        "machines": list(said.values()),
        "compared": compared,
        "proposed": _proposed(tables, numbers),
        "fewest": "machines/fewest",
    }


def _proposed(tables: dict[str, pd.DataFrame], numbers: Numbers) -> list[dict[str, Any]]:
    """What each machine proposed of printed numbers, beside what people settled."""
    found = []
    for i, row in enumerate(as_dicts(tables["proposers"])):
        key = f"machines/proposed/{i}"
        for column, words in PROPOSED.items():
            what = f"{row['machine']}: {words}"
            numbers.add(f"{key}/{column}", int(row[column]), "count", "numbers", [PROPOSALS], what)
        for share, of in (("right", "compared"), ("found", "cells")):
            parts = [f"{key}/{share}", f"{key}/{of}"]
            what = f"{row['machine']}: {PROPOSED[share]}, as a share"
            value, limits = row[f"{share}_share"], (row[f"{share}_low"], row[f"{share}_high"])
            numbers.add(f"{key}/{share}/share", value, "proportion", "", parts, what)
            numbers.add(f"{key}/{share}/ci", limits, "proportion", "", parts, f"{what}, interval")
        found.append({"machine": row["machine"], "key": key})
    return found


def _compared(row: dict, number: int, records: dict[str, dict], numbers: Numbers) -> dict[str, Any]:
    """One machine at one stage; `number`: its place among the machines."""
    key, source = f"machines/{number}/{row['stage']}", [table_numbers.DECISIONS]
    stage = STAGES[row["stage"]]
    for column, words in COUNTS.items():
        what = f"{row['reviewer']} at {stage}: {words}"
        numbers.add(f"{key}/{column}", int(row[column]), "count", "records", source, what)
    for share, words in SHARES.items():
        if missing(row[share]):
            continue
        of = [f"{key}/kept_too", f"{key}/kept"]
        of = of if share == "sensitivity" else [f"{key}/dropped_too", f"{key}/dropped"]
        what = f"{share} of {row['reviewer']} at {stage}, {words}"
        numbers.add(f"{key}/{share}", row[share], "proportion", "", of, what)
        limits = (row[f"{share}_low"], row[f"{share}_high"])
        numbers.add(f"{key}/{share}/ci", limits, "proportion", "", of, f"{what}, 95% interval")
    names = "" if missing(row["missed"]) else row["missed"]
    return {
        "reviewer": row["reviewer"],
        "stage": stage,
        "key": key,
        "said": [share for share in SHARES if not missing(row[share])],
        "missed": [_named(record, records.get(record, {})) for record in names.split()],
    }


def _named(record: str, known: dict) -> dict[str, str]:
    return {
        "title": known.get("title") or record,
        "address": inline.record_address(record, known.get("url", "")),
        "authors": english.first_author(known.get("authors", "")),
        "year": "" if missing(known.get("year")) else str(known.get("year", "")),
    }
