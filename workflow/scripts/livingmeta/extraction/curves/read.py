"""Digitised curves of a review: files and numbers at risk brought together and rebuilt."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.curves import digitisers, drawing, points
from livingmeta.extraction.curves.clicks import CurveError
from livingmeta.extraction.curves.dates import on_the_same_days
from livingmeta.extraction.curves.drawing import Drawing, Key
from livingmeta.extraction.curves.origin import Origin
from livingmeta.extraction.curves.rebuild import Curve, rebuild
from livingmeta.extraction.settled import LEAVE_OUT, Counted, counted
from livingmeta.formulas.individual_data import median


class Drawn(NamedTuple):
    """The curves of a review: those that count, those that wait for people, and all readings."""

    curves: dict[Key, Curve]
    waiting: dict[Key, digitisers.Waiting]
    read: dict[Key, digitisers.Read]


def rebuild_all(
    drawings: Iterable[Drawing], outcomes: pd.DataFrame, until: str = LEAVE_OUT
) -> Drawn:
    """Reconstructed curves by (study_id, arm, outcome).

    `drawings`: as `read` gives them; `outcomes`: as in results/extraction/outcomes.csv, whose rows
    `at-risk` give the numbers below each curve and `events` without a time its deaths. Without
    numbers at risk the `n` of the arm serves, and the curve is graded low. Times in the protocol's
    unit. `until`: whose reading counts where two differ, of numbers and of curves; a curve all of
    whose numbers at risk are to be settled is left out, one of whose later ones some are says so.

    Raises TableError with one sentence for each file whose study is unknown, or whose clicks or
    numbers at risk cannot be right.
    """
    rebuilt: dict[Key, list[digitisers.Drawn]] = {}
    if not (drawings := list(drawings)):
        return Drawn({}, {}, {})
    problems = []
    known = set(outcomes["study_id"])
    standing = counted(as_dicts(outcomes), until)
    unsettled = {(r["study_id"], r["arm"], r["outcome"]) for r in standing.unsettled("at-risk")}
    doubts = _doubts(standing)
    outcomes = pd.DataFrame(standing.records, columns=outcomes.columns)
    for one in drawings:
        path, key = one.file, one.key
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
            curve = rebuild(
                one.points["time"],
                one.points["survival"],
                times,
                numbers,
                read_alike[0] if len(read_alike) == 1 else None,
            )
        except CurveError as error:
            problems.append(f"{path}: {error}")
            continue
        curve = replace(curve.doubted(*doubts.get(key, ())), file=path)
        rebuilt.setdefault(key, []).append(digitisers.Drawn(one, curve))
    if problems:
        raise tables.TableError(problems)
    read = {key: digitisers.together(mine, until) for key, mine in rebuilt.items()}
    found = {key: one.stands for key, one in read.items() if one.stands is not None}
    for figure in dict.fromkeys((study, outcome) for study, _, outcome in found):
        arms = {key: curve for key, curve in found.items() if (key[0], key[2]) == figure}
        found |= on_the_same_days(arms)
    waiting = {key: one.waits for key, one in read.items() if one.waits is not None}
    return Drawn(found, waiting, read)


def _doubts(standing: Counted) -> dict[Key, list[str]]:
    """What is said of the numbers below a curve that two people read differently: those left out,
    and those that count as one has them."""
    counts = {id(record): int(record["row"]) for record in standing.records if record["row"]}
    found: dict[Key, list[str]] = {}
    for clash in standing.clashes:
        first = clash.records[0]
        of_all = first["statistic"] == "events" and pd.isna(first["time"])
        if first["statistic"] == "at-risk" or of_all:
            taken = [counts[id(r)] for r in clash.records if id(r) in counts]
            said = [standing.until[row] for row in taken[:1]] or [clash.words]
            found.setdefault((first["study_id"], first["arm"], first["outcome"]), []).extend(said)
    return found


def read(
    paths: Sequence[str],
    time_unit: str,
    outcomes: Collection[str],
    people: Iterable[str] | None = None,
) -> list[Drawing]:
    """The files of digitised curves (`points.read`), times in `time_unit`, of whose curve each is
    and by whom. `outcomes`: those of the protocol; `people`: who has read something of the review;
    None after `extract`, which has refused names that are nobody's.

    Raises TableError with one sentence for each file that cannot be read or whose name is of no
    curve, and for one where another is of the same curve by the same person.
    """
    found: list[Drawing] = []
    problems: list[str] = []
    for path in paths:
        try:
            found.append(drawing.named(str(path), points.read(path, time_unit), outcomes))
        except tables.TableError as error:
            problems += error.problems
    try:
        drawing.must_be_one_each(found, people)
    except tables.TableError as error:
        problems += error.problems
    if problems:
        raise tables.TableError(problems)
    return found


def quality(curves: Mapping[Key, Curve], drawings: Iterable[Drawing] = ()) -> pd.DataFrame:
    """How good each reconstruction is, a row a curve, with its median; errors on the survival
    scale, the median and its limits in the protocol's time unit (NaN where not reached).
    `drawings`: as for `rebuild_all`, for where the points come from."""
    origins = {one.file: one.origin for one in drawings}
    rows = [
        (
            *key,
            *(c.n, c.events, *median(c.data), c.rmse, c.largest_error, c.grade),
            "; ".join(c.warnings),
            *_origin(origins.get(c.file)),
            c.file,
        )
        for key, c in curves.items()
    ]
    columns = list(tables.schema("extraction/curves")["columns"])
    return pd.DataFrame(rows, columns=columns)


def _origin(told: Origin | None) -> tuple[Any, ...]:
    return (told.image, told.sha256, told.by, told.on.isoformat()) if told else ("", "", "", "")


def individual(curves: Mapping[Key, Curve]) -> pd.DataFrame:
    """The reconstructed patients of all curves: study_id, arm, outcome, time, event."""
    parts = [
        curve.data.assign(study_id=key[0], arm=key[1], outcome=key[2])
        for key, curve in curves.items()
    ]
    columns = ["study_id", "arm", "outcome", "time", "event"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
