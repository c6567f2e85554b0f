"""Agreement against published examples."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.screening import agreement

# Fleiss, Cohen & Everitt, Psychol Bull 1969;72:323-7, table 1: 200 cases, three categories.
FLEISS = np.array([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers,
# twelve units, missing votes; the same data stand in Gwet (2014) and irrCAC's cac.raw4raters.
KRIPPENDORFF = np.array(
    [
        [int(c) - 1 if c != "_" else -1 for c in row]
        for row in (
            "11_1 2232 3333 3333 2222 1234 4444 1121 2222 _555 __11 __3_".split()  # noqa: SIM905
        )
    ]
)


def _codes(table):
    return np.array([p for p in np.ndindex(table.shape) for _ in range(table[p])])


def test_kappa_of_fleiss():
    found = agreement.kappa(_codes(FLEISS))
    assert found["kappa"] == pytest.approx(0.429, abs=5e-4)
    assert found["se"] == pytest.approx(np.sqrt(0.002885), abs=5e-6)
    assert found["records"] == 200


def test_kappa_two_by_two():
    """20 both yes, 15 both no, 5 and 10 apart: observed 0.7, expected 0.5, kappa 0.4."""
    found = agreement.kappa(_codes(np.array([[20, 5], [10, 15]])))
    assert (found["observed"], found["expected"]) == pytest.approx((0.7, 0.5))
    assert found["kappa"] == pytest.approx(0.4)


def test_ac1_of_gwet():
    """irrCAC 1.0, gwet.ac1.raw(cac.raw4raters): 0.77544, SE 0.14295, 95% CI 0.461 to 1."""
    found = agreement.ac1(KRIPPENDORFF)
    assert found["observed"] == pytest.approx(0.8181818, abs=1e-6)
    assert found["expected"] == pytest.approx(0.1903212, abs=1e-6)
    assert found["ac1"] == pytest.approx(0.77544, abs=1e-5)
    assert found["se"] == pytest.approx(0.14295, abs=1e-5)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.461, 1.0), abs=5e-4)


def test_alpha_of_krippendorff():
    assert agreement.alpha(KRIPPENDORFF)["alpha"] == pytest.approx(0.743, abs=5e-4)


@given(
    st.lists(
        st.lists(st.integers(-1, 2), min_size=3, max_size=3).filter(
            lambda votes: sum(v >= 0 for v in votes) >= 2
        ),
        min_size=3,
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_alpha_is_its_definition(rows):
    """Against the sum over all pairs of votes, and unchanged by a record with one vote."""
    codes = np.array(rows)
    pairs = [
        (a, b, 1 / (sum(v >= 0 for v in row) - 1))
        for row in rows
        for i, a in enumerate(row)
        for j, b in enumerate(row)
        if i != j and a >= 0 and b >= 0
    ]
    values = [v for row in rows for v in row if v >= 0]
    n = len(values)
    apart = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    found = agreement.alpha(codes)
    if apart == 0:
        assert found["alpha"] is None
        return
    observed = sum(w for a, b, w in pairs if a != b) / n
    assert found["alpha"] == pytest.approx(1 - observed / (apart / (n * (n - 1))))
    lonely = np.vstack([codes, [2, -1, -1]])
    assert agreement.alpha(lonely)["alpha"] == pytest.approx(found["alpha"])


def _votes(rows):
    return pd.DataFrame(rows, columns=["record_id", "stage", "reviewer", "decision"])


def test_measure_uses_what_both_judged():
    rows = []
    for n in range(40):
        first = "include" if n % 4 == 0 else "exclude"
        second = "include" if n % 4 == 0 or n == 1 else "exclude"
        rows.append((f"r{n:02}", "title-abstract", "kim", first))
        if n < 30:
            rows.append((f"r{n:02}", "title-abstract", "lee", second))
    found = agreement.measure(_votes(rows))["title-abstract"]
    assert found["reviewers"] == ["kim", "lee"]
    assert (found["records"], found["records_judged_by_two"]) == (40, 30)
    assert found["pairs"][0]["records"] == 30
    assert found["pairs"][0]["observed"] == pytest.approx(29 / 30)
    for name, part in (
        ("kappa", found["pairs"][0]),
        ("ac1", found["ac1"]),
        ("alpha", found["alpha"]),
    ):
        assert part["ci_low"] <= part[name] <= part["ci_high"]
    assert agreement.measure(_votes(rows[::-1]))["title-abstract"] == found


def test_one_reviewer_has_nobody_to_agree_with():
    found = agreement.measure(_votes([("a", "full-text", "kim", "include")]))["full-text"]
    assert found["because"] == (
        "one reviewer voted; agreement needs two reviewers on two records or more"
    )
    assert "pairs" not in found


def test_votes_all_alike():
    rows = [(f"r{n}", "full-text", who, "exclude") for n in range(5) for who in ("kim", "lee")]
    found = agreement.measure(_votes(rows))["full-text"]
    assert found["pairs"][0]["kappa"] is None
    assert "chance" in found["pairs"][0]["because"]
    assert found["ac1"]["ac1"] == pytest.approx(1)
    assert found["alpha"]["alpha"] is None
