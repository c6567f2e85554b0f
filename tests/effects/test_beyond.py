"""Effects on a log scale that no ratio can have are refused with a word, not pooled to infinity."""

import numpy as np
import pandas as pd
import pytest

import asking
from effects.test_vocabulary import one, told
from livingmeta import tables
from livingmeta.pooling.second_opinion import compare as second_opinion
from livingmeta.pooling.synthesis import pool


@pytest.mark.parametrize("row", ["a/b log-hazard-ratio 60 se=1", "a/b log-hazard-ratio -1 se=1000"])
def test_a_logarithm_that_no_ratio_has_is_set_aside_with_its_row(tmp_path, row):
    effects, unusable, _ = told(tmp_path, [row], "HR", "os")
    assert effects.empty
    assert "is of no HR that can be" in unusable["reason"].iloc[0]
    assert "row 2" in unusable["reason"].iloc[0]


def test_differences_of_any_size_are_effects(tmp_path):
    row = "a/b mean-difference 81200 ci_low=80000 ci_high=82400"
    assert one(tmp_path, [row], "MD", "score").yi == 81200
    assert one(tmp_path, ["a/b log-hazard-ratio 9 se=19"], "HR", "os").yi == pytest.approx(9)


def effects(yi, vi, measure="HR", **more):
    studies = [f"s{i:02}" for i in range(len(yi))]
    table = pd.DataFrame({"synthesis": "x", "study_id": studies, "measure": measure})
    said = {"route": "T3", "grade": "exact", "adjusted": "", "assumed": "", "n": 50}
    return table.assign(yi=yi, vi=vi, **said, **more)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("spread", [1, 50, 1000])
def test_what_is_printed_is_a_number_or_empty_with_a_word(k, spread):
    yi = spread * np.cos(np.arange(k))
    asked = asking.synthesis(measure="HR", arms=["a", "b"])
    made = pool(effects(yi, np.full(k, float(spread)) ** 2), "x", asked)
    shown = made["pooled"].select_dtypes(float)
    assert not np.isinf(shown.to_numpy()).any()
    empty = made["pooled"]["display_estimate"].isna().any()
    assert empty == ("limits-crossed" in set(made["decisions"]["rule"]))


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e8, 1e16, 1e20])
def test_a_moderator_of_any_size_is_confirmed(size):
    dose = np.sin(np.arange(12)) * size
    told = effects(np.cos(np.arange(12)) / 3, np.full(12, 0.04), "MD", dose=dose)
    asked = asking.synthesis(measure="MD", arms=["a", "b"], moderators=["dose"])
    done = pool(told, "x", asked)
    made = done["moderators"]
    assert made["estimate"].notna().any()
    rows = second_opinion.regressions(told, "x", asked, made, done["pooled"])
    assert len(rows) > 4
    second_opinion.check(pd.DataFrame(rows, columns=tables.columns("pooling/second_opinion")))
