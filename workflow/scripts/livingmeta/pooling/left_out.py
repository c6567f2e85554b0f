"""The result without some of its effects: the derived ones, and others by grade or route.

An effect whose mean, SD or survival was not printed but derived counts in the result, and the
result without it stands beside, whether or not the protocol asks for it. So does the result of the
adjusted effects, and of the crude ones, where studies that were not randomised give both; the
result without studies of which a report was retracted, withdrawn or doubted; and the result of
studies that have no patient in common, where some may.
"""

from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from livingmeta import tables
from livingmeta.analyses import LeftOut, Method, Model
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.continuous import AS_CHANGES, OF_CHANGES
from livingmeta.effects.routes import DERIVED
from livingmeta.extraction.filters import as_text
from livingmeta.extraction.randomised import by_lot
from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.pooling import overlap
from livingmeta.pooling.primary import of_part

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

INFLUENCE = [name for name in tables.columns("pooling/influence") if name != "synthesis"]
ADJUSTED = ("multivariable", "matched", "weighted")


def rows(s: "Synthesis", primary: Model | Method, make: Callable[..., list[dict]]) -> list[dict]:
    """Rows of pooled.csv for a synthesis.Synthesis, each without the effects that one analysis
    leaves out; `make(s, models, of=mask)` makes them. What leaves none is a decision."""
    found = []
    for name, out in asked(s, primary.name):
        if out.all():
            s.decide(primary.name, "none-left", analysis=name, k=len(out))
            continue
        model = of_part(s, primary, ~out)
        for row in make(s, [model], of=~out):
            found.append(row | {"model": f"{model.name} {name}", "primary": False})
    return found


def one_by_one(
    s: "Synthesis", method: Method, make: Callable[..., list[dict]]
) -> list[dict[str, Any]]:
    """Rows of influence.csv for a method of another kind: the result without each study in turn.

    Cook's distance is the squared change in the variance of the result; what hangs on weights of
    effects and their residuals is left empty. What leaves no estimate gives no row.
    """
    silent = copy(s)
    silent.decisions = []
    [whole] = make(silent, [method])
    limit = bounds(len(s.studies), 1)["cooks_distance"]
    found = []
    for i, study in enumerate(s.studies["study_id"]):
        for row in make(silent, [method], of=np.arange(len(s.studies)) != i):
            cook = (row["estimate"] - whole["estimate"]) ** 2 / whole["se"] ** 2
            found.append(
                dict.fromkeys(INFLUENCE, np.nan)
                | {name: row[name] for name in INFLUENCE if name in row}
                | {"model": method.name, "left_out": study, "cooks_distance": cook}
                | {"covariance_ratio": row["se"] ** 2 / whole["se"] ** 2}
                | {"influential": bool(cook > limit)}
            )
    return found


def asked(s: "Synthesis", primary: str) -> Iterator[tuple[str, np.ndarray]]:
    """The id of each analysis and the mask of what it leaves out, where that is anything;
    `primary`: the id of the model of the result."""
    route = s.studies.get("route")
    if route is not None and route.isin(DERIVED).any():
        out = route.isin(DERIVED).to_numpy(bool)
        studies = list(s.studies["study_id"][out])
        s.decide(primary, "derived-effects", studies=studies, k=len(out))
        yield LeftOut(derived=True).name, out
    yield from _mixed(s, primary)
    yield from _flagged(s, primary)
    yield from _overlapping(s, primary)
    _changes(s, primary)
    for further in s.left_out:
        out = np.zeros(len(s.studies), bool)
        by = {"grade": further.grade, "route": further.route}
        by["risk_of_bias"] = further.risk_of_bias
        for column, values in by.items():
            if column in s.studies:
                out |= s.studies[column].isin(values).to_numpy(bool)
        for column, values in further.where:
            if column not in s.studies:
                why = f"no study has the column {column}"
                s.decide(primary, "method-not-done", method=further.name, error=why)
                continue
            kept_out = {as_text(value) for value in values}
            out |= s.studies[column].map(as_text).isin(kept_out).to_numpy(bool)
        if out.any():
            yield further.name, out
        else:
            _of_nothing(s, primary, further)


def _of_nothing(s: "Synthesis", primary: str, further: LeftOut) -> None:
    """Say of an analysis that no study of the synthesis has what it would leave out of columns."""
    for column, values in further.where:
        if column in s.studies:
            has = sorted({tables.text(value) for value in s.studies[column]} - {""})
            facts: dict[str, Any] = {"column": column, "values": list(values), "has": has}
            s.decide(primary, "nothing-left-out", analysis=further.name, **facts)


def _mixed(s: "Synthesis", primary: str) -> Iterator[tuple[str, np.ndarray]]:
    """The result without the crude effects and without the adjusted ones, where studies that were
    not randomised give both: the two answer different questions."""
    if "adjusted" not in s.studies or not MEASURES[s.measure].contrast:
        return
    how = s.studies["adjusted"]
    by_chance = s.studies["study_id"].isin(by_lot(s.studies)) | (how == "randomised")
    adjusted = (how.isin(ADJUSTED) & ~by_chance).to_numpy(bool)
    crude = (~how.isin(ADJUSTED) & ~by_chance).to_numpy(bool)
    if adjusted.any() and crude.any():
        one, other = (list(s.studies["study_id"][mask]) for mask in (adjusted, crude))
        s.decide(primary, "adjusted-and-crude", adjusted=one, crude=other)
        yield LeftOut(crude=True).name, crude
        yield LeftOut(adjusted=True).name, adjusted


def _changes(s: "Synthesis", primary: str) -> None:
    """Say where changes and final values are in one pool and are not alike: differences in SDs of
    either (Handbook 10.5.2), and means and ratios of means. A difference in means is the same of
    both."""
    measure = MEASURES[s.measure]
    alike = measure.family != "means" or (measure.arms == 2 and measure.in_units)
    if alike or "assumed" not in s.studies:
        return
    told = s.studies["assumed"].fillna("")
    change = told.map(lambda text: OF_CHANGES in text or AS_CHANGES in text).to_numpy(bool)
    if change.any() and not change.all():
        changes, finals = (list(s.studies["study_id"][mask]) for mask in (change, ~change))
        s.decide(primary, "changes-and-finals", measure=s.measure, changes=changes, finals=finals)


def _flagged(s: "Synthesis", primary: str) -> Iterator[tuple[str, np.ndarray]]:
    """The result without studies of which a report is flagged."""
    if "report_flag" not in s.studies:
        return
    out = (s.studies["report_flag"].fillna("") != "").to_numpy(bool)
    if out.any():
        flags = dict(zip(s.studies["study_id"][out], s.studies["report_flag"][out], strict=True))
        s.decide(primary, "flagged-report", studies=flags, k=s.studies["study_id"].nunique())
        yield LeftOut(flagged=True).name, out


def _overlapping(s: "Synthesis", primary: str) -> Iterator[tuple[str, np.ndarray]]:
    """The result of the studies without patients in common that have most patients."""
    if "shares_with" not in s.studies:
        return
    of = s.studies.groupby("study_id", sort=True).agg(
        {"shares_with": "first", "n": "max", "vi": "min"}
    )
    pairs = overlap.pairs(of["shares_with"])
    if not pairs:
        return
    n = of["n"].astype(float)
    kept = overlap.largest(pairs, n, 1 / of["vi"].astype(float))
    lost = [study for study in of.index if study not in kept]
    facts: dict[str, Any] = {"pairs": pairs, "out": lost, "k": len(of)}
    if n.notna().all():
        facts |= {"least": float(n.drop(lost).sum()), "most": float(n.sum())}
    s.decide(primary, "patients-in-common", **facts)
    yield LeftOut(overlapping=True).name, s.studies["study_id"].isin(lost).to_numpy(bool)
