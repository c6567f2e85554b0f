"""Where pooling is wrong: effects told by their direction (SWiM: Campbell 2020, BMJ 368:l6890).

Counting by direction, with the probability of so uneven a split and an interval of the share, and
the median and range of the effects: Cochrane Handbook 12.2.1. Size and statistical significance of
an effect play no part in its direction.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.formulas.measures import back_transform, more_is_better
from livingmeta.formulas.shares import wilson
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words.numbers import missing

COLUMNS = tables.columns("pooling/narrative")
ONE, MIXED, ASKED = "one study", "different measures", "protocol"
FIRST, SECOND, NEITHER = "first", "second", "neither"


def why(effects: pd.DataFrame, synthesis: Synthesis) -> str:
    """Why a synthesis is told and not pooled: ONE, MIXED, ASKED, or "" where it is pooled.

    `effects`: its rows of effects.csv; `synthesis`: what the protocol asks of it.
    """
    if effects.empty:
        return ""
    if set(effects["measure"]) != {synthesis.measure}:
        return MIXED
    if len(effects) == 1:
        return ONE
    return ASKED if synthesis.narrative else ""


def because(effects: pd.DataFrame, synthesis: Synthesis, reason: str) -> dict[str, Any]:
    """The reason as parameters of the guard rail `not-pooled`: `why` and, where measures differ,
    the `measure` asked for and those `given` with their number of studies."""
    if reason == ASKED:
        return {"why": "protocol"}
    found = effects["measure"].value_counts(sort=False)
    given = [[measure, int(k)] for measure, k in found.items()]
    return {"why": "measures", "measure": synthesis.measure, "given": given}


def directions(effects: pd.DataFrame, synthesis: Synthesis, outcome: Outcome) -> list[str]:
    """The arm that each effect speaks for: FIRST, SECOND or NEITHER; "" for all where one arm
    alone is described. `effects`: measure and yi (analysis scale); `outcome`: its part of the
    protocol, which says what is good."""
    if len(synthesis.arms) != 2:
        return [""] * len(effects)
    found = []
    for measure, yi in zip(effects["measure"], effects["yi"], strict=True):
        # On the analysis scale no effect is 0 for every comparison.
        if math.isclose(yi, 0.0, abs_tol=1e-12):
            found.append(NEITHER)
        else:
            found.append(
                FIRST if (yi > 0) == more_is_better(measure, outcome.good, outcome.kind) else SECOND
            )
    return found


def rows(effects: pd.DataFrame, name: str, synthesis: Synthesis, outcome: Outcome) -> pd.DataFrame:
    """Rows of narrative.csv: all studies, then each value of each subgroup; none where the
    synthesis is pooled.

    `effects`: rows of effects.csv with the columns of studies.csv beside them. `share` is that of
    the first arm among the studies with a direction. Median, quartiles (linear interpolation) and
    range are on the display scale, and empty where measures differ.
    """
    reason = why(effects, synthesis)
    if not reason:
        return pd.DataFrame(columns=list(COLUMNS))
    table = effects.assign(direction=directions(effects, synthesis, outcome))
    found = [_row(table, "")]
    if len(table) > 1:
        for column in synthesis.subgroups:
            if column not in table:
                continue
            values = table[column].map(lambda v: "" if missing(v) else str(v))
            groups = [value for value in dict.fromkeys(values) if value]
            found += [_row(table[values == value], f"{column}={value}") for value in groups]
    return pd.DataFrame(
        [{"synthesis": name, "why": reason} | row for row in found], columns=list(COLUMNS)
    )


def _row(table, group):
    counts = {side: int((table["direction"] == side).sum()) for side in (FIRST, SECOND, NEITHER)}
    measures = set(table["measure"])
    measure = measures.pop() if len(measures) == 1 else ""
    row = {"group": group, "k": len(table), "measure": measure} | counts
    if not table["direction"].eq("").any():
        row |= count(counts[FIRST], counts[FIRST] + counts[SECOND])
    if measure:
        shown = [float(back_transform(measure, yi)) for yi in table["yi"]]
        names = ("lowest", "lower_quartile", "median", "upper_quartile", "highest")
        row |= dict(
            zip(names, map(float, np.quantile(shown, (0, 0.25, 0.5, 0.75, 1))), strict=True)
        )
    return row


def count(first: int, clear: int) -> dict[str, float]:
    """Counting by direction: the `share` of `first` among `clear` effects that have a direction,
    its 95% interval (Wilson's score interval), and `p_value`: the two-sided exact probability of
    as uneven a split were both directions as likely (sign test). {} where none has a direction.
    """
    if not clear:
        return {}
    chances = [math.comb(clear, i) / 2**clear for i in range(clear + 1)]
    p = math.fsum(chance for chance in chances if chance <= chances[first] * (1 + 1e-9))
    low, high = wilson(first, clear)
    return {"share": first / clear, "ci_low": low, "ci_high": high, "p_value": min(1.0, p)}
