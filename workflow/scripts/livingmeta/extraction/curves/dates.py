"""Deaths that the arms of one figure have on the same days: scans and visits at fixed dates.

Where progression is seen at scans, both curves fall at the same times. Each was digitised for
itself, so its strokes stand a little before or after the other's, and a Cox model would take the
one arm's patients for the longer survivors at every scan.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from livingmeta.extraction.curves.clicks import STROKE
from livingmeta.extraction.curves.rebuild import Curve

# ASSUME: so many of an arm's patients do not die at one time by chance, but at a scan.
FEW = 2
SHARE = 0.02


def on_the_same_days(curves: Mapping[Any, Curve]) -> dict[Any, Curve]:
    """The arms of one figure, strokes of several that are within 0.2% of the axis put at their mean
    time; what one arm alone has stays where it is."""
    axis = max((max(c.last_time, c.risk_time[-1]) for c in curves.values()), default=0.0)
    strokes = sorted((time, i) for i, c in enumerate(curves.values()) for time in _strokes(c))
    moved: list[dict[float, float]] = [{} for _ in curves]
    while strokes:
        near = [strokes[0]]
        for time, i in strokes[1:]:
            if time - near[0][0] > STROKE * axis or i in {arm for _, arm in near}:
                break
            near.append((time, i))
        strokes = strokes[len(near) :]
        for time, i in near:
            moved[i][time] = float(np.mean([t for t, _ in near]))
    return {
        key: replace(curve, data=_moved(curve, times))
        if any(a != b for a, b in times.items())
        else curve
        for (key, curve), times in zip(curves.items(), moved, strict=True)
    }


def _strokes(curve: Curve) -> list[float]:
    """Times at which so many die that it must be a scan."""
    died = curve.data.loc[curve.data["event"] == 1, "time"]
    times, deaths = np.unique(died.to_numpy(), return_counts=True)
    return times[deaths >= max(FEW, SHARE * curve.n)].tolist()


def _moved(curve: Curve, times: Mapping[float, float]) -> pd.DataFrame:
    """The patients with deaths at these times put at others, sorted again."""
    time, event = curve.data["time"].to_numpy().copy(), curve.data["event"].to_numpy()
    for was, is_now in times.items():
        time[(time == was) & (event == 1)] = is_now
    order = np.lexsort((-event, time))
    return curve.data.assign(time=time[order], event=event[order])
