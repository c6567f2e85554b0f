"""Digitised curves of a review: files and numbers at risk brought together and rebuilt."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.curves import points
from livingmeta.extraction.curves.clicks import CurveError
from livingmeta.extraction.curves.dates import on_the_same_days
from livingmeta.extraction.curves.origin import Origin
from livingmeta.extraction.curves.rebuild import Curve, rebuild
from livingmeta.extraction.settled import LEAVE_OUT, counted
from livingmeta.formulas.individual_data import median

FOLDER = "data/raw/extraction/curves"
Key = tuple[str, str, str]


def rebuild_all(
    clicks: dict[str, pd.DataFrame], outcomes: pd.DataFrame, until: str = LEAVE_OUT
) -> dict[Key, Curve]:
    """Reconstructed curves by (study_id, arm, outcome).

    `clicks`: table of `time, survival` by file name `<study_id>.<arm>.<outcome>.csv`; `outcomes`:
    as in results/extraction/outcomes.csv, whose rows `at-risk` give the numbers below each curve
    and `events` without a time its deaths. Without numbers at risk the `n` of the arm serves, and
    the curve is graded low. Times in the protocol's unit. `until`: whose reading counts where two
    differ; a curve all of whose numbers at risk are to be settled is left out.

    Raises TableError with one sentence for each file whose name, clicks or numbers at risk cannot
    be right.
    """
    found: dict[Key, Curve] = {}
    if not clicks:
        return found
    problems = []
    known = set(outcomes["study_id"])
    standing = counted(outcomes.to_dict("records"), until)
    unsettled = {(r["study_id"], r["arm"], r["outcome"]) for r in standing.unsettled("at-risk")}
    outcomes = pd.DataFrame(standing.records, columns=outcomes.columns)
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
        deaths = printed[(printed["statistic"] == "events") & printed["time"].isna()]
        if key in unsettled and not (risk["time"] <= 0).any():
            continue  # two people read the number at the start differently
        times, numbers = risk["time"].tolist(), risk["value"].tolist()
        if risk.empty:
            sizes = (printed if deaths["n"].isna().all() else deaths)["n"]
            times, numbers = [0.0], [sizes.max()]
        if pd.isna(numbers[0]):
            problems.append(
                f"{path}: outcomes.csv has no numbers at risk (statistic at-risk, study '{key[0]}',"
                f" arm '{key[1]}', outcome '{key[2]}'); at least the number at the start is needed,"
                " or the patients of the arm as n beside its events."
            )
            continue
        read_alike = deaths["value"].dropna().unique()
        try:
            found[key] = rebuild(
                table["time"],
                table["survival"],
                times,
                numbers,
                read_alike[0] if len(read_alike) == 1 else None,
            )
        except CurveError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise tables.TableError(problems)
    for figure in dict.fromkeys((study, outcome) for study, _, outcome in found):
        arms = {key: curve for key, curve in found.items() if (key[0], key[2]) == figure}
        found |= on_the_same_days(arms)
    return found


def read(paths: Any, time_unit: str) -> dict[str, pd.DataFrame]:
    """The clicks in files of digitised curves (`points.read`), by file name, times in `time_unit`.

    Raises TableError with one sentence for each file that cannot be read, and for one whose name
    another has too, in a folder of its own: of two readings of one curve neither is the better.
    """
    found: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    first: dict[str, str] = {}
    for path in paths:
        name = PurePosixPath(path).name
        if name in first:
            problems.append(
                f"{path}: {first[name]} is of the same study, arm and outcome; keep one of the two."
            )
            continue
        first[name] = path
        try:
            found[name] = points.read(path, time_unit)
        except tables.TableError as error:
            problems += error.problems
    if problems:
        raise tables.TableError(problems)
    return found


def quality(
    curves: dict[Key, Curve], clicks: Mapping[str, pd.DataFrame] = MappingProxyType({})
) -> pd.DataFrame:
    """How good each reconstruction is, a row a curve, with its median; errors on the survival
    scale, the median and its limits in the protocol's time unit (NaN where not reached). `clicks`:
    as for `rebuild_all`, for where the points come from."""
    origins = {name: table.attrs.get("origin") for name, table in clicks.items()}
    rows = [
        (
            *key,
            *(c.n, c.events, *median(c.data), c.rmse, c.largest_error, c.grade),
            "; ".join(c.warnings),
            *_origin(origins.get(f"{'.'.join(key)}.csv")),
        )
        for key, c in curves.items()
    ]
    columns = list(tables.schema("extraction/curves")["columns"])
    return pd.DataFrame(rows, columns=columns)


def _origin(told: Origin | None) -> tuple[Any, ...]:
    return (told.image, told.sha256, told.by, told.on.isoformat()) if told else ("", "", "", "")


def individual(curves: dict[Key, Curve]) -> pd.DataFrame:
    """The reconstructed patients of all curves: study_id, arm, outcome, time, event."""
    parts = [
        curve.data.assign(study_id=key[0], arm=key[1], outcome=key[2])
        for key, curve in curves.items()
    ]
    columns = ["study_id", "arm", "outcome", "time", "event"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
