"""What was set aside on the way, and how the records were found and screened."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import places
from livingmeta.extraction.checks import problem
from livingmeta.report import inline, table_numbers
from livingmeta.screening.agreement import PILOT, Agreement
from livingmeta.words import english
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers
from livingmeta.words.settling import STAGES


def section(
    reasons: Mapping[str, str], tables: dict[str, pd.DataFrame], numbers: Numbers
) -> dict[str, list[dict]]:
    """Lists of what was set aside, each row a dict of texts, with the number of rows registered
    as `aside/<list>`. `reasons`: the protocol's, of exclusion at full text, by code."""
    records = {row["record_id"]: row for row in _rows(tables["records"])}
    excluded = _rows(tables["excluded"])
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    found = {
        "full-text": [
            _record(row, records) | {"why": reasons.get(row["reason"], row["reason"])}
            for row in excluded
            if row["stage"] == "full-text"
        ],
        "not-retrieved": [
            _record(row, records) | {"why": row["how"]}
            for row in _rows(tables["fulltexts"])
            if row["state"] == "not-retrieved"
        ],
        "full-texts": _full_texts(_rows(tables["fulltexts"]), records),
        "title-abstract": [
            _record(row, records) | {"why": row["reason"]}
            for row in excluded
            if row["stage"] == "title-abstract"
        ],
        "checks": _checks(tables["problems"], tables["outcomes"], labels, numbers),
        "flagged": [
            _record(row, records) | {"why": row["flag"]} for row in records.values() if row["flag"]
        ],
        "notes": [
            {"file": row["file"], "note": _note(row, f"searches/{i}/notes", numbers)}
            for i, row in enumerate(_rows(tables["searches"]))
            if row["notes"]
        ],
    }
    sources = {
        **{key: [table_numbers.DECISIONS] for key in ("full-text", "title-abstract")},
        "not-retrieved": [table_numbers.DECISIONS, table_numbers.FULLTEXTS],
        "full-texts": [table_numbers.DECISIONS, table_numbers.FULLTEXTS],
        **{key: [table_numbers.SEARCHES] for key in ("flagged", "notes")},
        "checks": places.files(as_dicts(tables["outcomes"])),
    }
    for name, rows in found.items():
        numbers.add(f"aside/{name}", len(rows), "count", "", sources[name], f"set aside: {name}")
    return found


def searches(table: pd.DataFrame, numbers: Numbers) -> list[dict]:
    """The exports by day of the search, with their numbers registered."""
    found = []
    for i, row in enumerate(_rows(table)):
        source = [f"{table_numbers.SEARCHES}{row['file']}"]
        numbers.add(f"searches/{i}/read", row["read"], "count", "records", source)
        hits = None if missing(row["hits"]) else row["hits"]
        said = [f"{table_numbers.SEARCHES}searches.csv, file {row['file']}"]
        numbers.add(f"searches/{i}/hits", hits, "count", "records", said)
        day = str(row["searched_on"])
        found.append(row | {"key": f"searches/{i}", "day": english.date(day), "iso": day})
    return found


def agreement(found: Agreement, numbers: Numbers) -> dict:
    """How far reviewers agree: `pairs` with their kappa, and `unknown`, (stages, why not)."""
    pairs: list[dict] = []
    unknown: dict[Any, Any] = {}
    rounds = {**STAGES, PILOT: f"{STAGES['title-abstract']} in the pilot round"}
    for stage in (s for s in rounds if s in found):
        what = found[stage]
        if because := what.get("because"):
            unknown.setdefault(because, []).append(rounds[stage])
        for i, pair in enumerate(what.get("pairs", [])):
            if pair["kappa"] is None:
                because = f"{english.listed(pair['reviewers'])}: {pair['because']}"
                unknown.setdefault(because, []).append(rounds[stage])
                continue
            key, source = f"agreement/{stage}/{i}", [table_numbers.DECISIONS]
            what_ = f"Cohen's κ of {english.listed(pair['reviewers'])}"
            numbers.add(f"{key}/kappa", pair["kappa"], "difference", "", source, what_)
            limits = (pair["ci_low"], pair["ci_high"])
            numbers.add(f"{key}/ci", limits, "difference", "", source, f"{what_}, 95% interval")
            numbers.add(f"{key}/records", pair["records"], "count", "records", source, what_)
            pairs.append({"reviewers": pair["reviewers"], "key": key, "stage": rounds[stage]})
    listed = [
        (stages, with_numbers(numbers, f"agreement/unknown/{i}", why, [table_numbers.DECISIONS]))
        for i, (why, stages) in enumerate(unknown.items())
    ]
    return {"pairs": pairs, "unknown": listed}


def _rows(table: pd.DataFrame) -> list[dict]:
    """The rows of a table with empty text where pandas holds nothing."""
    return [
        {column: "" if missing(value) else value for column, value in row.items()}
        for row in as_dicts(table)
    ]


def _full_texts(rows: list[dict], records: dict) -> list[dict]:
    """What became of each report sought; [] where no log and no folder says anything of any."""
    if not any(row["sought_on"] or row["how"] or row["held"] for row in rows):
        return []
    return [
        _record(row, records)
        | {"why": row["state"].replace("-", " "), "how": row["how"]}
        | {"day": english.date(row["sought_on"]) if row["sought_on"] else ""}
        for row in rows
    ]


def _record(row: dict, records: dict) -> dict:
    known = records.get(row["record_id"], {})
    return {
        "id": row["record_id"],
        "title": row.get("title") or known.get("title") or row["record_id"],
        "year": known.get("year", ""),
        "authors": english.first_author(known.get("authors", "")),
        "address": inline.record_address(row["record_id"], known.get("url", "")),
        "note": row.get("note", ""),
    }


def _checks(
    table: pd.DataFrame, outcomes: pd.DataFrame, labels: dict, numbers: Numbers
) -> list[dict]:
    """Notes of the checks of extraction; `row` names rows of outcomes.csv."""
    found = []
    printed = {int(row["row"]): row for row in as_dicts(outcomes)}
    notes = [one for one in problem.each(table) if one[1].severity == "note"]
    for i, (study, each) in enumerate(notes):
        file, rows = places.together(printed.get(number, {"row": number}) for number in each.rows)
        row = {"label": labels.get(study, study), "row": rows}
        source = [f"{file}, row {rows}"]
        said = {"message": each.message, "value": each.value, "expected": each.expected}
        for part, text in said.items():
            row[part] = with_numbers(numbers, f"checks/{i}/{part}", text, source)
        found.append(row)
    return found


def _note(row: dict, key: str, numbers: Numbers) -> Markup:
    """How an export was read, as a sentence."""
    source = [f"{table_numbers.SEARCHES}{row['file']}"]
    return with_numbers(numbers, key, english.full_stop(row["notes"]), source)
