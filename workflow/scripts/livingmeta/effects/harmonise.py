"""From printed statistics to one comparable effect a study, with the route in sight.

For each synthesis of the protocol every study that passes its filter ends in exactly one of two
tables: `effects` (the chosen route) or `unusable` (why not). `routes` keeps every feasible way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from math import isfinite, nan, sqrt
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.effect_measures import MEASURES
from livingmeta.effects import continuous, hazard, proportions, routes
from livingmeta.effects.candidate import Candidate
from livingmeta.effects.median_time import median_times
from livingmeta.effects.restricted_mean import restricted_means
from livingmeta.effects.spread import pooled_sds
from livingmeta.errors import InputError
from livingmeta.extraction.curves.read import FOLDER, Key
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed, read_study
from livingmeta.plan import Outcome, Synthesis

_DECIMAL = re.compile(r"-?\d+\.\d*")
CELLS = ["ai", "bi", "ci", "di", "t1i", "t2i"]
EFFECT_COLUMNS = tables.columns("effects/effects")
ROUTE_COLUMNS = tables.columns("effects/routes")
USED_COLUMNS = tables.columns("effects/used")
UNUSABLE_COLUMNS = tables.columns("effects/unusable")


class HarmoniseError(InputError):
    """The protocol asks for something that the tables or the methods cannot give."""


def harmonise(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    arms: Collection[str],
    outcomes_meta: Mapping[str, Outcome],
    curves: Mapping[Key, Curve] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Effects, unusable studies, all feasible routes and what each used, for every synthesis.

    `outcomes`, `studies`: results/extraction/*.csv (percentages already proportions, times in the
    protocol's unit). `syntheses`, `arms`, `outcomes_meta`: those of the protocol, by name.
    `curves`: reconstructed curves, `(study_id, arm, outcome) -> Curve`.
    Returns `(effects, unusable, routes, used)`; yi and vi on the analysis scale (log for ratios,
    logit for PLO). `n` counts patients, `events` those printed; `ai`..`di` are the cells (effective
    counts where survival percentages stand behind them); `agrees` in `routes` is the z of a
    route's difference from the chosen one on the larger of their standard errors, since both are
    of the same patients. `used` has a row a printed row or curve behind a route, as they follow
    in its `inputs`; `way` counts a study's ways by one route in the order of `routes`.
    Rows follow the protocol, then studies.csv, then the routes' order.
    Raises HarmoniseError for an unknown measure, arm, outcome or filter column.
    """
    curves = curves or {}
    by_study = {
        str(study): group.to_dict("records")
        for study, group in outcomes.groupby("study_id", sort=False)
    }
    effects, unusable, feasible, behind = [], [], [], []
    for name, synthesis in syntheses.items():
        orders = _checked(name, synthesis, arms, outcomes_meta)
        outcome = synthesis.outcome
        survival = outcomes_meta[outcome].kind == "survival"
        chosen_studies = select(studies, synthesis.include, name)
        read = {study: read_study(by_study.get(study, []), outcome) for study in chosen_studies}
        for study, printed in read.items():
            chosen, why_not = None, []
            # The first measure that the study gives; the others are asked only where it gives none.
            for measure, order in orders.items():
                found, reasons = candidates(
                    measure,
                    printed,
                    synthesis.arms,
                    synthesis.time,
                    survival=survival,
                    curves=tuple(curves.get((study, arm, outcome)) for arm in synthesis.arms),
                    named=synthesis.routes,
                    borrowed=_borrowed(read, synthesis, study),
                )
                why_not += reasons
                found.sort(key=lambda c: (order.index(c.route), not isfinite(c.yi)))
                chosen = next((c for c in found if isfinite(c.yi)), None)
                identity = {"synthesis": name, "study_id": study, "measure": measure}
                ways: Counter[str] = Counter()
                for candidate in found:
                    ways[candidate.route] += 1
                    way = {"used": candidate is chosen, "way": ways[candidate.route]}
                    behind += [identity | row | way for row in _used(candidate, study, outcome)]
                    feasible.append(
                        identity
                        | _row(candidate)
                        | {"chosen": candidate is chosen, "agrees": _agrees(candidate, chosen)}
                    )
                if chosen is not None:
                    effects.append(identity | _row(chosen))
                    break
            if chosen is None:
                unusable.append(
                    {"synthesis": name, "study_id": study, "reason": _reason(why_not, outcome)}
                )
    return (
        _table(effects, EFFECT_COLUMNS),
        pd.DataFrame(unusable, columns=UNUSABLE_COLUMNS),
        _table(feasible, ROUTE_COLUMNS),
        pd.DataFrame(behind, columns=USED_COLUMNS).astype({"row": "Int64"}),
    )


def candidates(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    time: float | None,
    *,
    survival: bool,
    curves: tuple[Curve | None, ...] = (),
    named: Collection[str] = (),
    borrowed: Mapping[str, tuple[float, int]] | None = None,
) -> tuple[list[Candidate], list[str]]:
    """Every feasible route of one study to a measure, and why the others are not.

    `named`: the routes that the protocol names, `borrowed`: SDs of the other studies, as
    `spread.sides` takes them.
    """
    if not printed.rows and not any(curve is not None for curve in curves):
        return [], []
    asked = MEASURES[measure]
    if asked.family == "hazard":
        research, control = arms
        return hazard.hazard_ratios(printed, (research, control), time, curves)
    if asked.family == "proportions" and asked.arms == 2:
        research, control = arms
        return proportions.two_arms(
            measure,
            printed,
            (research, control),
            time,
            survival=survival,
            curves=curves or (None, None),
            asked=named,
        )
    if asked.family == "proportions":
        curve = curves[0] if curves else None
        return proportions.one_arm(
            measure, printed, arms[0], time, survival=survival, curve=curve, asked=named
        )
    if asked.family == "median":
        return median_times(printed, arms[0], curves[0] if curves else None)
    if asked.restricted and survival:
        return restricted_means(measure, printed, arms, time, curves)
    if asked.family == "means":
        return continuous.means(measure, printed, arms, time, named, borrowed)
    if asked.family == "correlation":
        return continuous.correlations(measure, printed, arms, time)
    if asked.family == "rates":
        return continuous.rates(measure, printed, arms, time)
    return continuous.generic(printed, arms, time)


def select(
    studies: pd.DataFrame, include: Mapping[str, tuple | list], synthesis: str = ""
) -> list[str]:
    """Identifiers of the studies that a synthesis takes, in the table's order.

    `include`: column -> allowed values, compared as text, without regard to case and to how blanks
    and noughts after the point are written. A study whose `status` is not `included` stays out
    unless the filter names `status`.
    """
    keep = pd.Series(True, index=studies.index)
    for column, allowed in include.items():
        if column not in studies:
            raise HarmoniseError(
                f"synthesis {synthesis}: include names the column {column!r}, which studies.csv "
                f"does not have; it has {', '.join(studies.columns)}"
            )
        keep &= studies[column].map(_as_text).isin({_as_text(v) for v in allowed})
    if "status" in studies and "status" not in include:
        keep &= studies["status"].map(_as_text).isin({"included"})
    return [str(study) for study in studies.loc[keep, "study_id"]]


def _as_text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(str(value).split()).casefold()
    # 2.0 in the protocol is 2 in a spreadsheet's cell, and 2.50 is 2.5.
    return re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".") if _DECIMAL.fullmatch(text) else text


def _borrowed(
    read: Mapping[str, Printed], synthesis: Synthesis, study: str
) -> dict[str, tuple[float, int]]:
    """The SDs of the other studies by arm, where the protocol asks for them by route D4."""
    if "D4" not in synthesis.routes:
        return {}
    return pooled_sds(read, synthesis.arms, synthesis.time, without=study)


def _checked(
    name: str, synthesis: Synthesis, arms: Collection[str], outcomes_meta: Mapping[str, Outcome]
) -> dict[str, tuple[str, ...]]:
    """The order of the routes by measure, once measures, outcome and arms are known and fit."""
    measures = [synthesis.measure, *synthesis.other_measures]
    outcome = synthesis.outcome
    unknown = [measure for measure in measures if measure not in MEASURES]
    if unknown:
        raise HarmoniseError(
            f"synthesis {name}: unknown measure {unknown[0]!r}; known are {', '.join(MEASURES)}"
        )
    if outcome not in outcomes_meta:
        raise HarmoniseError(
            f"synthesis {name}: unknown outcome {outcome!r}; "
            f"the protocol has {', '.join(outcomes_meta)}"
        )
    kind = outcomes_meta[outcome].kind
    for arm in synthesis.arms:
        if arm not in arms:
            raise HarmoniseError(
                f"synthesis {name}: unknown arm {arm!r}; the protocol has {', '.join(arms)}"
            )
    for measure in measures:
        if MEASURES[measure].family == "median" and kind not in ("survival", "time"):
            raise HarmoniseError(
                f"synthesis {name}: {measure} is a median time, but the outcome {outcome} is of "
                f"kind {kind}; it must be survival or time"
            )
        wanted = MEASURES[measure].arms
        if wanted is not None and len(synthesis.arms) != wanted:
            raise HarmoniseError(
                f"synthesis {name}: {measure} compares {wanted} arm{'s' * (wanted > 1)}, "
                f"the protocol gives {len(synthesis.arms)}"
            )
    try:
        # The protocol's own order is about its measure; further ones keep theirs.
        orders = {measure: routes.order(measure, ()) for measure in measures}
        orders[measures[0]] = routes.order(measures[0], synthesis.routes)
    except routes.NoRouteError as error:
        raise HarmoniseError(f"synthesis {name}: {error}") from None
    return orders


def _row(candidate: Candidate) -> dict[str, Any]:
    return {
        "yi": candidate.yi,
        "vi": candidate.vi,
        "n": candidate.n,
        "events": candidate.events,
        "route": candidate.route,
        "inputs": "; ".join(used.text for used in candidate.inputs),
        "assumed": "; ".join(candidate.assumed),
        "grade": candidate.grade,
        "adjusted": candidate.adjusted,
        **{cell: candidate.cells.get(cell, nan) for cell in CELLS},
    }


def _used(candidate: Candidate, study: str, outcome: str) -> list[dict[str, Any]]:
    return [
        {
            "route": candidate.route,
            "arm": used.arm,
            "role": used.role,
            "file": used.file or f"{FOLDER}/{study}.{used.arm}.{outcome}.csv",
            "row": used.row,
            "value": used.value,
            "n": used.n,
            "turned": used.turned,
        }
        for used in candidate.inputs
    ]


def _agrees(candidate: Candidate, chosen: Candidate | None) -> float:
    if chosen is None:
        return nan
    target = candidate.yi
    if isfinite(candidate.limit):
        # A bound agrees with all that lies beyond it.
        target = chosen.yi if abs(chosen.yi) >= abs(candidate.limit) else candidate.limit
        target = candidate.limit if chosen.yi * candidate.limit < 0 else target
    return (target - chosen.yi) / sqrt(max(candidate.vi, chosen.vi))


def _reason(reasons: list[str], outcome: str) -> str:
    return "; ".join(dict.fromkeys(reasons)) or f"nothing printed on {outcome}"


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    for column in ("n", "events"):
        values = pd.to_numeric(table[column])
        table[column] = values.astype("Int64") if (values.dropna() % 1 == 0).all() else values
    return table
