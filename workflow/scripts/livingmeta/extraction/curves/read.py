"""Digitised curves of a review: files and numbers at risk brought together and rebuilt."""

from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.curves.clicks import CurveError
from livingmeta.extraction.curves.rebuild import Curve, rebuild
from livingmeta.extraction.settled import settled
from livingmeta.formulas.individual_data import median

FOLDER = "data/raw/extraction/curves"
Key = tuple[str, str, str]


def rebuild_all(clicks: dict[str, pd.DataFrame], outcomes: pd.DataFrame) -> dict[Key, Curve]:
    """Reconstructed curves by (study_id, arm, outcome).

    `clicks`: table of `time, survival` by file name `<study_id>.<arm>.<outcome>.csv`; `outcomes`:
    as in results/extraction/outcomes.csv, whose rows `at-risk` give the numbers below each curve
    and `events` without a time its deaths. Times in the protocol's unit.

    Raises TableError naming each file whose name, clicks or numbers at risk cannot be right.
    """
    found, problems = {}, []
    known = set(outcomes["study_id"])
    outcomes = pd.DataFrame(settled(outcomes.to_dict("records")), columns=outcomes.columns)
    for name, table in clicks.items():
        parts = PurePosixPath(name).name.rsplit(".", 3)
        path = f"{FOLDER}/{name}"
        if len(parts) != 4 or parts[3] != "csv":
            problems.append(f"{path}: its name must be <study_id>.<arm>.<outcome>.csv.")
            continue
        key = parts[0], parts[1], parts[2]
        if key[0] not in known:
            problems.append(f"{path}: outcomes.csv has no row of the study '{key[0]}'.")
            continue
        printed = outcomes[(outcomes[["study_id", "arm", "outcome"]] == list(key)).all(axis=1)]
        risk = printed[printed["statistic"] == "at-risk"].sort_values("time")
        risk = risk.drop_duplicates(["time", "value"])  # two extractors who agree
        deaths = printed[(printed["statistic"] == "events") & printed["time"].isna()]["value"]
        if risk.empty:
            problems.append(
                f"{path}: outcomes.csv has no numbers at risk (statistic at-risk, study '{key[0]}',"
                f" arm '{key[1]}', outcome '{key[2]}'); at least the number at the start is needed."
            )
            continue
        try:
            found[key] = rebuild(
                table["time"],
                table["survival"],
                risk["time"],
                risk["value"],
                deaths.iloc[0] if len(deaths) else None,
            )
        except CurveError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise tables.TableError(problems)
    return found


def read(paths: Any) -> dict[str, pd.DataFrame]:
    """The clicks in files of digitised curves, by file name."""
    return {PurePosixPath(path).name: tables.read(path, "data/curves") for path in paths}


def quality(curves: dict[Key, Curve]) -> pd.DataFrame:
    """How good each reconstruction is, a row a curve, with its median; errors on the survival
    scale, the median and its limits in the protocol's time unit (NaN where not reached)."""
    rows = [
        (
            *key,
            *(c.n, c.events, *median(c.data), c.rmse, c.largest_error, c.grade),
            "; ".join(c.warnings),
        )
        for key, c in curves.items()
    ]
    columns = list(tables.schema("extraction/curves")["columns"])
    return pd.DataFrame(rows, columns=columns)


def individual(curves: dict[Key, Curve]) -> pd.DataFrame:
    """The reconstructed patients of all curves: study_id, arm, outcome, time, event."""
    parts = [
        curve.data.assign(study_id=key[0], arm=key[1], outcome=key[2])
        for key, curve in curves.items()
    ]
    columns = ["study_id", "arm", "outcome", "time", "event"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
