"""The result of studies that have no patient in common, and the one without flagged reports."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta.pooling import overlap
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from livingmeta.words import guard_rails, models

NAMES = [f"s{i}" for i in range(7)]


def by_hand(pairs, patients, weights):
    """The best set by trying all of them."""
    barred = {frozenset(pair) for pair in pairs}
    sets = (set(c) for k in range(len(NAMES) + 1) for c in combinations(NAMES, k))
    free = (s for s in sets if not any(frozenset(p) in barred for p in combinations(s, 2)))
    return max(free, key=lambda s: (sum(patients[list(s)]), sum(weights[list(s)])))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(list(combinations(NAMES, 2))), unique=True, min_size=1),
    st.lists(st.integers(1, 60), min_size=7, max_size=7),
    st.permutations(range(1, 8)),
)
@pytest.mark.heavy
def test_the_set_kept_is_that_of_most_patients_and_then_of_most_weight(pairs, patients, weights):
    n = pd.Series(patients, NAMES, dtype=float)
    # Powers of two: no two sets have the same weight.
    w = pd.Series([2.0**i for i in weights], NAMES)
    assert overlap.largest(pairs, n, w) == by_hand(pairs, n, w)


def test_studies_that_do_not_say_how_many_they_have_are_kept_where_nothing_bars_them():
    n = pd.Series([np.nan, 10.0, np.nan], NAMES[:3])
    w = pd.Series([3.0, 1.0, 1.0], NAMES[:3])
    assert overlap.largest([("s0", "s1")], n, w) == {"s1", "s2"}


Y, V, N = [-0.5, -0.2, 0.1, -0.4, -0.3], [0.04, 0.05, 0.03, 0.06, 0.05], [50, 60, 70, 80, 90]


def pooled(**columns):
    effects = pd.DataFrame({"synthesis": "x", "study_id": NAMES[:5], "measure": "MD"})
    effects = effects.assign(yi=Y, vi=V, n=N, route="D", grade="exact", **columns)
    return pool(effects, "x", asking.synthesis(measure="MD", arms=["a", "b"]))


def beside(tables, ending):
    rows = tables["pooled"]
    (row,) = rows[rows["model"].str.endswith(ending)].to_dict("records")
    return row


def test_the_result_without_patients_in_common_stands_beside():
    tables = pooled(shares_with=["s1 s9", "s0 s2", "s1", "", ""])
    row = beside(tables, " without overlapping")
    keep = [0, 2, 3, 4]
    expected = fit([Y[i] for i in keep], [V[i] for i in keep])
    assert (row["k"], row["n"], row["primary"]) == (4, 290, False)
    assert row["estimate"] == pytest.approx(expected.estimate, abs=1e-12)
    (rail,) = tables["decisions"].query("rule == 'patients-in-common'").to_dict("records")
    assert json.loads(rail["parameters"]) == {
        "pairs": [["s0", "s1"], ["s1", "s2"]], "out": ["s1"], "k": 5, "least": 290, "most": 350,
    }  # fmt: skip
    words = guard_rails.of_row(rail)
    assert "s0 and s1; s1 and s2. They are between 290 and 350 different patients" in words.because
    assert "of the 4 studies" in words.done
    assert models.name(row).endswith("without studies whose patients another one may have too")


def test_the_result_without_a_flagged_report_is_the_leave_out_fit():
    tables = pooled(report_flag=["", "", "retracted concern", "", ""])
    row = beside(tables, " without flagged")
    keep = [0, 1, 3, 4]
    expected = fit([Y[i] for i in keep], [V[i] for i in keep])
    assert row["estimate"] == pytest.approx(expected.estimate, abs=1e-12)
    assert tables["pooled"]["k"][0] == 5  # nothing leaves the result by itself
    (rail,) = tables["decisions"].query("rule == 'flagged-report'").to_dict("records")
    words = guard_rails.of_row(rail)
    assert words.because == "1 of 5 studies: s2 (retracted and under an expression of concern)"


def test_pairs_of_which_one_study_is_not_in_the_synthesis_are_none():
    tables = pooled(shares_with=["s7", "", "", "", "s9"], report_flag="")
    assert not tables["pooled"]["model"].str.contains("without").any()
