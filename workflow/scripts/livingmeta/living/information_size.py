"""Required information size and monitoring boundaries (trial sequential analysis), where the
protocol asks for them.

Wetterslev, Thorlund, Brok & Gluud 2008, J Clin Epidemiol 61:64; diversity D² from the same authors
2009, BMC Med Res Methodol 9:86. Information is counted as the inverse of variance, so that every
measure can be looked at, not only events and means; patients are in proportion to it.

The Cochrane Handbook (chapter 22) discourages this for updated reviews in most circumstances, and
rules it out for main analyses and conclusions. It is shown only on request, beside the result.
"""

import math
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.formulas.information import diversity, required
from livingmeta.formulas.measures import to_analysis_scale
from livingmeta.living.cumulative import by_year
from livingmeta.living.state import State
from livingmeta.plan import InformationSize
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.tau2 import METHODS

LOOKS = tables.columns("living/information_looks")
SIZES = tables.columns("living/information_size")
VERDICTS = ("crossed", "reached without crossing", "not reached")


def analyse(present: State) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables information_size.csv (a row a synthesis whose protocol asks, unless a study has
    several effects) and information_looks.csv (a row a year of publication).

    A look takes the studies published until then: its `information` is the sum of 1 / vi,
    `fraction` that over the required information adjusted for the diversity of all studies, `z`
    that of the random effects estimate with the estimator of the result. Estimates are on the
    analysis scale, `difference` as printed.
    """
    sizes, looks = [], []
    for name, synthesis in present.asked.syntheses.items():
        result = present.primary(name)
        if synthesis.information_size and result is not None and not present.has_several(name):
            size, rows = _of(name, synthesis.measure, synthesis.information_size, result, present)
            sizes.append(size)
            looks += rows
    return (
        pd.DataFrame(sizes, columns=list(SIZES)),
        pd.DataFrame(looks, columns=list(LOOKS)).astype({"k": "Int64"}),
    )


def _of(
    name: str, measure: str, asked: InformationSize, result: dict, present: State
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of information_size.csv of a synthesis, and its rows of information_looks.csv."""
    effects = present.effects_of(name)
    # ASSUME: a result whose model has no estimator of its own (one study) is looked at with REML.
    method = result["tau2_method"] if result["tau2_method"] in METHODS else "REML"
    difference = float(to_analysis_scale(measure, asked.difference))
    whole = _fitted(effects.values(), method)
    d2 = diversity([e["vi"] for e in effects.values()], whole.tau2)
    needed = required(difference, asked.alpha, asked.power, d2)
    rows = []
    for step, studies in by_year(name, present):
        mine = [effects[study] for study in studies]
        fitted = _fitted(mine, method)
        information = math.fsum(1 / e["vi"] for e in mine)
        rows.append(
            {
                "synthesis": name,
                "step": step,
                "k": len(mine),
                "n": sum(e["n"] for e in mine),
                "information": information,
                "fraction": information / needed,
                "estimate": fitted.estimate,
                "se": fitted.se,
                "z": fitted.estimate / fitted.se,
            }
        )
    from livingmeta.formulas.boundaries import bounds

    monitored = bounds([row["fraction"] for row in rows], asked.alpha)
    for row, boundary in zip(rows, monitored, strict=True):
        # Where next to nothing may be spent yet there is no boundary to show: the cell is empty.
        row["boundary"] = float(boundary) if math.isfinite(boundary) else math.nan
        row["crossed"] = abs(row["z"]) > boundary
    last = rows[-1]
    crossed = [row["step"] for row in rows if row["crossed"]]
    verdict = VERDICTS[0 if crossed else 1 if last["fraction"] >= 1 else 2]
    size = {
        "synthesis": name,
        "difference": asked.difference,
        "alpha": asked.alpha,
        "power": asked.power,
        "tau2_method": method,
        "d2": 100 * d2,
        "required_information": needed,
        "required_n": last["n"] / last["fraction"],
        "fraction": last["fraction"],
        "z": last["z"],
        "boundary": last["boundary"],
        "crossed_at": crossed[0] if crossed else "",
        "verdict": verdict,
    }
    return size, rows


def _fitted(effects, method):
    effects = list(effects)
    return fit([e["yi"] for e in effects], [e["vi"] for e in effects], tau2=method)
