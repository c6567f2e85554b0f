"""Whatever rows a study has, harmonising ends in exactly one effect or one reason."""

import re
from math import nan

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta.effects.harmonise import harmonise

NUMBER = st.one_of(st.just(nan), st.floats(-2, 200), st.floats(0, 1), st.integers(0, 60))
PRINTED = st.lists(
    st.tuples(
        st.sampled_from(["local", "control", "local/control", "control/local", "other"]),
        st.sampled_from(
            [
                "events",
                "survival",
                "mortality",
                "q1",
                "q3",
                "minimum",
                "maximum",
                "t",
                "f",
                "log-hazard-ratio",
                "log-odds-ratio",
                "log-rank-chi2",
                "log-rank-o-minus-e",
                "proportion",
                "median",
                "mean",
                "sd",
                "se",
                "person-time",
                "rate",
                "correlation",
                "hazard-ratio",
                "odds-ratio",
                "risk-ratio",
                "risk-difference",
                "mean-difference",
                "incidence-rate-ratio",
                "rmst",
                "rmst-difference",
                "log-rank-p",
                "log-rank-observed",
                "log-rank-expected",
                "log-rank-variance",
                "at-risk",
                "minimum-followup",
                "maximum-followup",
                "effect",
            ]
        ),
        NUMBER,
        st.fixed_dictionaries(
            {
                "time": st.sampled_from([nan, 0, 12, 24]),
                "n": NUMBER,
                "ci_low": NUMBER,
                "ci_high": NUMBER,
                "se": NUMBER,
                "sd": NUMBER,
                "event": st.sampled_from(["", "death", "survival"]),
                "direction": st.sampled_from(["", "reversed"]),
                "p_value": st.sampled_from(["", "0.03", "<0.001", "NS", "1"]),
            }
        ),
    ),
    max_size=14,
)
MEASURES = ["HR", "OR", "RR", "RD", "PETO", "MD", "SMD", "ROM", "IRR", "GEN"]


@settings(max_examples=40, deadline=None)
@given(
    PRINTED,
    st.sampled_from(MEASURES),
    st.sampled_from(["survival", "binary"]),
    st.sampled_from([None, 24]),
)
def test_one_effect_or_one_reason(rows, measure, kind, time):
    records = [
        {
            "study_id": "s1",
            "outcome": "x",
            "arm": arm,
            "statistic": statistic,
            "value": value,
            "row": i,
            "ci_level": nan,
            "adjusted": "",
            "note": "",
            **more,
        }
        for i, (arm, statistic, value, more) in enumerate(rows, 2)
    ]
    synthesis = {"outcome": "x", "measure": measure, "arms": ["local", "control"], "time": time}
    effects, unusable, routes, used = harmonise(
        pd.DataFrame(records, columns=None if records else ["study_id"]),
        pd.DataFrame({"study_id": ["s1"]}),
        {"y": asking.synthesis(**synthesis)},
        ["local", "control"],
        {"x": asking.outcome(kind=kind)},
    )
    assert len(effects) + len(unusable) == 1
    assert routes["chosen"].sum() == len(effects)
    assert np.isfinite(effects[["yi", "vi"]].to_numpy(float)).all()
    assert (effects["vi"] > 0).all()
    assert unusable["reason"].str.len().gt(5).all()
    assert (effects["inputs"].str.len() > 5).all()
    # The sentence and the table are of one cloth: whatever row one names the other has.
    for _, route in routes.assign(
        way=routes.groupby(["study_id", "measure", "route"]).cumcount() + 1
    ).iterrows():
        behind = used[(used["route"] == route["route"]) & (used["way"] == route["way"])]
        named = re.findall(r"\(row (\d+)", route["inputs"])
        assert list(map(str, behind["row"])) == named
        assert (behind["used"] == route["chosen"]).all()
