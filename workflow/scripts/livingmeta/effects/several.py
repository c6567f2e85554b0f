"""Several effects of one study, each a row of effects.csv, or made into one.

For `several: multilevel` and `several: robust` of a synthesis. The rows of one study are told apart
by `effect_name`. Where one effect a study is wanted, their average stands for them (`of_studies`).

For `several: aggregate` they are made into one, with a stated correlation of their errors: the
average of least variance, 1/(1' V^-1 1), where V has the correlation times both standard errors
beside its diagonal (metafor's aggregate() with struct="CS").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import fsum, nan
from typing import NamedTuple

import numpy as np
import pandas as pd

from livingmeta import spreadsheets
from livingmeta.effects.candidate import Candidate, all_used, words
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.printed import Printed
from livingmeta.formulas.time_to_event import Effect

MULTILEVEL, ROBUST = "multilevel", "robust"
APART = (MULTILEVEL, ROBUST)  # what a protocol says where each effect stays one
NAME = "effect_name"
_LETTERED = re.compile(r"(?:^|, )effect [a-z]+$")


def standing_for(made: Candidate, each: list[Candidate], printed: Printed) -> Candidate:
    """`made`, one effect of `each`, to stand for them while the study's effect is chosen: with
    nothing assumed, since they are not made into one. In the order of their parts, then of their
    size: not of the file."""
    parts = {r.row: r.part for r in printed.rows}
    ordered = sorted(each, key=lambda c: (parts.get(c.inputs[0].row or 0, ""), c.yi, c.vi))
    return replace(made, several=tuple(ordered), assumed=())


class Way(NamedTuple):
    """One way to an effect with its `name`, "" where it is the study's only one; `whole`: the
    candidate that stands for it, mostly itself."""

    whole: Candidate
    name: str
    candidate: Candidate


def each(found: Iterable[Candidate], printed: Printed) -> Iterator[Way]:
    """The ways to an effect, those that stand for several taken apart."""
    parts = {r.row: r.part for r in printed.rows}
    for whole in found:
        if not whole.several:
            yield Way(whole, "", whole)
            continue
        of = [parts.get(c.inputs[0].row or 0, "") for c in whole.several]
        of_rows = {used.said for used in whole.inputs}
        of_whole = [said for said in whole.assumed if said not in of_rows]
        for i, candidate in enumerate(whole.several):
            name = f"effect {spreadsheets.letters(i + 1).lower()}"
            if all(of):
                name = of[i] if of.count(of[i]) == 1 else f"{of[i]}, {name}"
            said = words(*candidate.assumed, *of_whole)
            yield Way(whole, name, replace(candidate, assumed=said))


def found_in(effects: pd.DataFrame) -> bool:
    """Whether a study has several among these rows of effects.csv."""
    return NAME in effects and bool((effects[NAME].fillna("") != "").any())


def of_studies(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of effects.csv, one a study and synthesis: of several effects of a study their average
    with weights 1 / vi, as if their errors were independent. Patients of parts are added up, others
    are taken for the same ones. The table itself where no study has several.
    """
    if not found_in(effects):
        return effects
    place = ["synthesis", "study_id"] if "synthesis" in effects else ["study_id"]
    kept = []
    for _, rows in effects.groupby(place, sort=False):
        row = rows.iloc[0].to_dict()
        kept.append(row | (_average(rows) if len(rows) > 1 else {}))
    table = pd.DataFrame(kept, columns=effects.columns)
    return table.astype({name: effects[name].dtype for name in ("n", "year") if name in effects})


def _order(route: str) -> int:
    return list(ROUTES).index(route) if route in ROUTES else -1  # one of an older release


def _average(rows: pd.DataFrame) -> dict[str, object]:
    weights = [1 / v for v in rows["vi"]]
    told = rows.reindex(columns=["n", "inputs", "assumed", "grade"])
    parts = [_LETTERED.sub("", name) for name in rows[NAME]]
    said = f"average of {len(rows)} effects of the study, as if their errors were independent"
    assumed = (part for text in told["assumed"].dropna() for part in str(text).split("; "))
    return {
        "yi": fsum(w * y for w, y in zip(weights, rows["yi"], strict=True)) / fsum(weights),
        "vi": 1 / fsum(weights),
        "n": patients(pd.to_numeric(told["n"]).astype(float), parts),
        "events": nan,
        "route": max(rows["route"], key=_order) if "route" in rows else "",
        "inputs": "; ".join(dict.fromkeys(told["inputs"].dropna().astype(str))),
        "assumed": "; ".join(words(said, *assumed)),
        "grade": worst([g for g in told["grade"].dropna() if g]) if "grade" in rows else "",
        **dict.fromkeys(("ai", "bi", "ci", "di", "t1i", "t2i"), nan),
        **dict.fromkeys(("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), nan),
        NAME: "",
    }


def patients(sizes: Iterable[float], parts: Sequence[str]) -> float:
    """The patients of several effects, by the part that each is of: those of one part are the same
    ones, those of two are others, and all are the same where an effect is of no part."""
    largest: dict[str, float] = {}
    for size, part in zip(sizes, parts, strict=True):
        if size != size:
            return nan
        largest[part] = max(size, largest.get(part, 0.0))
    return float(sum(largest.values()) if all(parts) else max(largest.values()))


def average(yi: list[float], vi: list[float], correlation: float) -> Effect:
    """The average of effects `yi` with variances `vi` above nought; `correlation` below 1."""
    y, se = np.array(yi), np.sqrt(vi)
    v = np.outer(se, se) * (correlation + (1 - correlation) * np.eye(len(y)))
    weights = np.linalg.solve(v, np.ones(len(y)))
    return Effect(float(weights @ y / weights.sum()), float(1 / weights.sum()))


def aggregate(several: list[Candidate], printed: Printed, correlation: float) -> Candidate:
    """One effect of several; `several`: each of one printed row, the first decides what is said
    of the study. Patients of parts are added up, others are the same ones."""
    made = average([c.yi for c in several], [c.vi for c in several], correlation)
    parts = {r.row: r.part for r in printed.rows}
    of = [parts.get(c.inputs[0].row or 0, "") for c in several]
    n = patients([c.n for c in several], of)
    said = (
        f"{len(several)} effects made into one, their errors correlated by {correlation:g}",
        *(text for c in several for text in c.assumed),
    )
    route = max((c.route for c in several), key=list(ROUTES).index)
    return Candidate(
        route,
        *made,
        all_used(*(used for c in several for used in c.inputs)),
        words(*said),
        n,
        nan,
        several[0].adjusted,
        grade=worst([c.grade for c in several]),
    )
