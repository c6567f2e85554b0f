"""The pooled survival curve of one arm (measure SURV): its times, its median, and who is left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.analyses import Model
from livingmeta.plan import Synthesis
from livingmeta.pooling.engines import survival_course
from livingmeta.pooling.over_time import in_words
from livingmeta.words import guard_rails

COLUMNS = tables.columns("pooling/course")
WHOLE = tables.columns("pooling/courses")
FEW = guard_rails.FEW_LEFT
LEAST = 3  # studies
RANDOM, COMMON = "random", "common"


def course(
    intervals: pd.DataFrame, courses: Mapping[str, Synthesis]
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict]]:
    """Rows of course.csv and courses.csv, and of decisions.csv where few studies are left.

    `intervals`: effects/intervals.csv; `courses`: the syntheses of measure SURV by name. Both
    models stand there; random effects are the result unless the protocol pins `FE`.
    """
    rows: list[dict] = []
    whole: list[dict] = []
    decisions: list[dict] = []
    for name, asked in courses.items():
        mine = intervals[intervals["synthesis"] == name]
        given = mine[mine["reason"].fillna("") == ""]
        if given.empty:
            continue
        share, exposed, at_risk = (
            given.pivot_table(index="study_id", columns="end", values=column, sort=True)
            for column in ("share", "exposed", "at_risk")
        )
        complete = given.groupby("end")["complete"].sum()
        result = model_of(asked)
        for model in (RANDOM, COMMON):
            curve = survival_course.pool(share, exposed, random=model == RANDOM)
            of = {"synthesis": name, "model": model, "primary": model == result}
            few = (curve.k < LEAST) | (2 * curve.k < len(share))
            for i, time in enumerate(share.columns):
                rows.append(
                    of
                    | {"outcome": asked.outcome, "arm": asked.arms[0], "time": float(time)}
                    | {"include": in_words(asked.include)}
                    | {"k": int(curve.k[i]), "at_risk": float(np.nansum(at_risk[time]))}
                    | {"complete": int(complete[time]), "estimate": curve.survival[i]}
                    | {"ci_low": curve.ci_low[i], "ci_high": curve.ci_high[i], "few": bool(few[i])}
                )
            middle = curve.median(share.columns)
            whole.append(
                of
                | {"k": len(share), "n": float(at_risk.max(axis=1).sum())}
                | {"aside": mine.loc[~mine.index.isin(given.index), "study_id"].nunique()}
                | dict(zip(("median", "median_low", "median_high"), middle, strict=True))
                | {"q": curve.q, "q_df": curve.q_df, "q_p": curve.q_p, "i2": curve.i2}
            )
            if few.any() and model == result:
                first = int(np.argmax(few))
                at = float(share.columns[first])
                written = _as_written(given[given["end"] == at])
                told = {"time": at, "k": int(curve.k[first]), "of": len(share)} | written
                decisions.append(
                    {"synthesis": name, "model": model, "subgroup": "", "rule": FEW}
                    | {"parameters": json.dumps(told, sort_keys=True)}
                )
    return pd.DataFrame(rows, columns=COLUMNS), pd.DataFrame(whole, columns=WHOLE), decisions


def _as_written(at: pd.DataFrame) -> dict[str, Any]:
    """The end of these intervals as studies write it, where that is in another unit."""
    words = set(at["end_as_written"].dropna()) - {""} if "end_as_written" in at else set()
    return {"written": " or ".join(sorted(words))} if words else {}


def model_of(asked: Synthesis) -> str:
    """The model that is the result of a curve: random, unless a common effect is pinned."""
    pinned = asked.model
    return COMMON if isinstance(pinned, Model) and pinned.tau2 == "FE" else RANDOM
