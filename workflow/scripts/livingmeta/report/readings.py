"""How many people read each number, and how far they agree."""

from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import agreement, places
from livingmeta.words import readings as words
from livingmeta.words.numbers import Numbers, missing

# Of studies and risk of bias, that several files may hold.
AGREEMENT = "results/extraction/agreement.csv"


def section(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict[str, Any]:
    """`readers`: who read something; `pairs`: each two of them with their agreement, registered
    as `readings/<pair>/<field>/...`; `neither`: cells on which people agreed on what nobody read.
    """
    read = as_dicts(tables["readings"])
    printed_in = places.files(as_dicts(tables["outcomes"]))
    found: dict[str, Any] = {"readers": agreement.extractors(tables["outcomes"])}
    found["named"] = [words.reader(name) for name in found["readers"]]
    found["pairs"] = [
        _pair(f"readings/{i}", names, rows, read, numbers, printed_in)
        for i, (names, rows) in enumerate(_pairs(tables["extracted"], "outcomes"))
    ]
    found["others"] = [
        {"table": table, **_shares(f"readings/{table}/{i}", names, rows, numbers, [AGREEMENT])}
        for table in ("studies", "risk_of_bias", "curves")
        for i, (names, rows) in enumerate(_pairs(tables["extracted"], table))
    ]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    found["neither"] = [
        {
            "label": labels.get(row["study_id"], row["study_id"]),
            "key": f"printed/{int(row['consensus_row'])}",
            "read": [f"printed/{int(row[f'{which}_row'])}" for which in ("first", "second")],
        }
        for row in read
        if row["settled_as"] == "neither"
        and not (missing(row["first_row"]) or missing(row["second_row"]))
    ]
    return found


def taken_until(
    readings: pd.DataFrame, curves: pd.DataFrame, used: dict[str, list[dict]]
) -> list[str]:
    """The studies of a synthesis with a number or a curve on which two differ and that nobody has
    settled, so that one's reading counts until then. `curves`: extraction/curve_readings; `used`:
    as table_numbers.chosen gives it."""
    drawn = set(curves.loc[curves["state"] == "conflict", "taken"]) - {""}
    open_ = readings[(readings["state"] == "differ") & readings["consensus_row"].isna()]
    rows = {int(row) for which in ("first_row", "second_row") for row in open_[which].dropna()}
    return [
        study
        for study, mine in used.items()
        if any(_hangs(one, rows, drawn) for one in mine)
        and any(one["study_id"] == study for one in mine)
    ]


def _hangs(used: dict, rows: set[int], drawn: set[str]) -> bool:
    return (used["role"] == "curve" and used["file"] in drawn) or (
        not missing(used["row"]) and int(used["row"]) in rows
    )


def _pairs(table: pd.DataFrame, name: str) -> list[tuple[tuple[str, str], list[dict]]]:
    """The rows of each two people on one of the tables."""
    found: dict[tuple[str, str], list[dict]] = {}
    for row in as_dicts(table[table["table"] == name]):
        found.setdefault((row["first"], row["second"]), []).append(row)
    return list(found.items())


def _shares(
    key: str, names: tuple[str, str], rows: list[dict], numbers: Numbers, printed_in: list[str]
) -> dict[str, Any]:
    """How far two agree in each field of a table; `printed_in`: what it was counted in."""
    named = [words.reader(name) for name in names]
    fields = []
    for row in rows:
        of = f"{key}/{row['field'].replace(' ', '-')}"
        name = words.field(row["table"], row["field"])
        what = f"{' and '.join(named)}, {name if row['table'] == 'risk_of_bias' else name.lower()}"
        numbers.add(f"{of}/compared", row["compared"], "count", "cells", printed_in, what)
        numbers.add(f"{of}/agree", row["agree"], "count", "cells", printed_in, f"{what}: agree")
        parts = [f"{of}/agree", f"{of}/compared"]
        numbers.add(f"{of}/share", row["share"], "proportion", "", parts, f"{what}: agreement")
        limits = (row["low"], row["high"])
        numbers.add(f"{of}/ci", limits, "proportion", "", parts, f"{what}: its 95% interval")
        has_kappa = not missing(row["kappa"])
        if has_kappa:
            numbers.add(f"{of}/kappa", row["kappa"], "difference", "", printed_in, f"{what}: κ")
            limits = (row["kappa_low"], row["kappa_high"])
            numbers.add(
                f"{of}/kappa/ci", limits, "difference", "", printed_in, f"{what}: κ, interval"
            )
        has_icc = not missing(row["icc"])
        if has_icc:
            limits = (row["icc_low"], row["icc_high"])
            numbers.add(f"{of}/icc", row["icc"], "analysis", "", printed_in, f"{what}: ICC(A,1)")
            numbers.add(
                f"{of}/icc/ci", limits, "analysis", "", printed_in, f"{what}: ICC(A,1), interval"
            )
        fields.append({"key": of, "name": name, "kappa": has_kappa, "icc": has_icc})
    return {"key": key, "names": named, "fields": fields}


def _pair(
    key: str,
    names: tuple[str, str],
    rows: list[dict],
    read: list[dict],
    numbers: Numbers,
    printed_in: list[str],
) -> dict[str, Any]:
    told = _shares(key, names, rows, numbers, printed_in)
    mine = [row for row in read if (row["first"], row["second"]) == names]
    differ = [row for row in mine if row["state"] == "differ"]
    counts = {
        "differ": differ,
        "settled": [row for row in differ if row["settled_as"]],
        "neither": [row for row in differ if row["settled_as"] == "neither"],
        "waiting": [row for row in differ if not row["settled_as"]],
        "first-only": [row for row in mine if row["state"] == "first-only"],
        "second-only": [row for row in mine if row["state"] == "second-only"],
    }
    for name, some in counts.items():
        what = f"{' and '.join(told['names'])}: {name.replace('-', ' ')}"
        numbers.add(f"{key}/{name}", len(some), "count", "cells", printed_in, what)
    return told
