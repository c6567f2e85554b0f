"""What waits for a person of studies and curves that two people read differently."""

from collections.abc import Iterator
from typing import Any

from livingmeta.living.waiting import Item, Tables, rows_of
from livingmeta.words import readings


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
