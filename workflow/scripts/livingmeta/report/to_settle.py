"""What waits for people, as the page lists it: the rows of to_settle.csv by kind."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from livingmeta.as_dicts import as_dicts
from livingmeta.report import inline
from livingmeta.words import english, settling
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers


def section(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict[str, Any]:
    """The kinds that wait, by `result` and `text`, each with its rows as texts.

    The number of things of a kind is registered as `to-settle/<kind>`, that of records to decide
    on as `to-settle/decisions`.
    """
    rows = as_dicts(tables["to_settle"])
    # What reviewers wrote on a record stands in the note of these, not in that of the export.
    noted = pd.concat([tables[name][["record_id", "note"]] for name in ("awaiting", "conflicts")])
    notes = dict(zip(noted["record_id"], noted["note"], strict=True))
    records = {
        row["record_id"]: row | {"note": notes.get(row["record_id"], "")}
        for row in as_dicts(tables["records"])
    }
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    found: dict[str, Any] = {"result": [], "text": []}
    for kind in settling.KINDS:
        mine = [row for row in rows if row["kind"] == kind.code]
        if not mine:
            continue
        key = f"to-settle/{kind.code}"
        files = list(dict.fromkeys(row["file"] for row in mine))
        cures = {row["cure"] for row in mine}
        numbers.add(key, len(mine), "count", "", files, f"to settle: {kind.many}")
        found[kind.weight].append(
            {
                "code": kind.code,
                "key": key,
                "called": settling.called(kind.code, len(mine)),
                # Where all stands in a workbook the list says so.
                "cure": cures.pop() if len(cures) == 1 else kind.cure,
                "of_records": any(row["record"] for row in mine),
                "of_studies": any(row["study_id"] for row in mine),
                "rows": [
                    _row(row, f"{key}/{i}", records, labels, numbers) for i, row in enumerate(mine)
                ],
            }
        )
    undecided = sum(row["kind"] in settling.TO_DECIDE for row in rows)
    what = "records that await a decision, with those on which reviewers differ"
    numbers.add("to-settle/decisions", undecided, "count", "", [settling.DECISIONS], what)
    return found


def _row(row: dict, key: str, records: dict, labels: dict, numbers: Numbers) -> dict:
    """One thing that waits, as texts; `of`: its record by title, or its study by label."""
    known = records.get(row["record"], {})
    where = row["file"]
    if row["rows"]:
        kind = "row" if row["rows"][0].isdigit() else "cell"
        where += f", {english.plural(1 + row['rows'].count(','), kind)} {row['rows']}"
    return {
        "of": known.get("title") or row["record"] or labels.get(row["study_id"], row["study_id"]),
        "address": inline.record_address(row["record"], known.get("url", "")) if known else "",
        "authors": english.first_author(known.get("authors", "")),
        "year": "" if missing(known.get("year")) else known.get("year", ""),
        "note": known.get("note", ""),
        "where": where,
        # Of checklists it names items, whose numbers are names.
        "what": Markup("<span data-raw>{}</span>").format(row["what"])
        if row["kind"] == settling.OF_CHECKLISTS
        else with_numbers(numbers, f"{key}/what", row["what"], [where]),
    }
