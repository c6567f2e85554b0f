"""Every statistic of the vocabulary, with extreme values and a curve or none: no study ends in a
crash, each in one effect or one reason."""

from functools import cache
from math import nan

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta import tables
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction.curves.rebuild import rebuild

STATISTICS = tables.schema("data/outcomes")["columns"]["statistic"]["allowed"]
ARMS = ["local", "control"]
ONE = [code for code, measure in MEASURES.items() if measure.arms == 1]
TWO = [code for code, measure in MEASURES.items() if measure.arms != 1]
EXTREME = st.sampled_from([0, 1, -1, 1e-320, 1e-200, 1e-12, 0.5, 1e6, 2**53, 1e155, 1e300, -1e300])
NUMBER = st.one_of(st.just(nan), EXTREME, st.floats(0, 1), st.integers(0, 400))
ROW = st.fixed_dictionaries(
    {
        "arm": st.sampled_from([*ARMS, "local/control", "control/local", "all", "other", ""]),
        "statistic": st.sampled_from(STATISTICS),
        "value": NUMBER,
        "time": st.sampled_from([nan, 0, 12, 24]),
        "n": st.one_of(st.just(nan), st.integers(0, 300), st.just(2.0**60)),
        "ci_low": NUMBER,
        "ci_high": NUMBER,
        "ci_level": st.sampled_from([nan, 0.5, 0.95, 0.9999]),
        "p_value": st.sampled_from(["", "0.03", "<0.001", "NS", "0", "1", "1e-300"]),
        "adjusted": st.sampled_from(["", "no", "multivariable"]),
        "note": st.sampled_from(["", "not reached"]),
    }
)


@cache
def curve(late: bool):
    """A curve that falls before 12, or after it only."""
    clicks = ([0, 20, 30], [1, 0.6, 0.3]) if late else ([0, 5, 10, 30], [1, 0.7, 0.4, 0.2])
    return rebuild(*clicks, [0, 12], [40, 40 if late else 14])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(ROW, max_size=12),
    st.sampled_from([*ONE, *TWO]),
    st.sampled_from(["survival", "binary", "continuous", "time"]),
    st.sampled_from([None, 12, 24]),
    st.tuples(*[st.sampled_from([None, True, False])] * 2),
)
def test_no_study_ends_in_a_crash(rows, measure, kind, time, late):
    if MEASURES[measure].family == "median" and kind not in ("survival", "time"):
        kind = "survival"
    records = [{"study_id": "s1", "outcome": "x", **r, "row": i} for i, r in enumerate(rows, 2)]
    arms = ARMS[:1] if measure in ONE else ARMS
    curves = {
        ("s1", arm, "x"): curve(at)
        for arm, at in zip(ARMS, late, strict=True)
        if at is not None and kind == "survival"
    }
    effects, unusable, routes, _ = harmonise(
        pd.DataFrame(records, columns=None if records else ["study_id"]),
        pd.DataFrame({"study_id": ["s1"]}),
        {"y": asking.synthesis(outcome="x", measure=measure, arms=arms, time=time)},
        ARMS,
        {"x": asking.outcome(kind=kind)},
        curves,
    )
    assert len(effects) + len(unusable) == 1
    assert routes["chosen"].sum() == len(effects)
    assert np.isfinite(effects[["yi", "vi"]].to_numpy(float)).all()
    assert (effects["vi"] > 0).all()
    assert unusable["reason"].str.len().gt(5).all()
