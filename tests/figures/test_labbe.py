"""The L'Abbé plot: where studies stand, what the result says, and when there is none."""

import re

import numpy as np
import pandas as pd
import pytest
from test_figures import check_layout, said

import asking
from livingmeta.effect_measures import MEASURES
from livingmeta.figures import labbe
from livingmeta.formulas.measures import effect_size
from livingmeta.plan import Arm

ARMS = {"drug": Arm.of({"label": "Drug"}), "none": Arm.of({"label": "Nothing"})}
CELLS = pd.DataFrame(
    {"ai": [5, 20, 0], "bi": [45, 20, 30], "ci": [10, 30, 6], "di": [40, 10, 24]}, dtype=float
)


def drawn(measure="OR", cells=CELLS, effect=0.5):
    effects = cells.assign(study_id=[f"s{i}" for i in range(len(cells))], effect_name="")
    result = {"primary": True, "subgroup": "", "k": len(cells), "display_estimate": effect}
    asked = asking.synthesis(title="Fever", outcome="fever", measure=measure, arms=["drug", "none"])
    return labbe.draw(effects, pd.DataFrame([result]), asked, ARMS)


def circles(figure):
    """The middles of the circles, from the left (points)."""
    found = []
    for path in re.findall(r'<path d="([^"]+)"[^>]*fill: #[0-9a-f]{6}; stroke', figure.svg):
        points = np.array(re.findall(r"[ML] ([\d.]+) ([\d.]+)", path), float)
        if len(points) >= 16:
            found.append(points[:16].mean(axis=0))
    return sorted(map(tuple, found))


@pytest.mark.parametrize("measure", [m.code for m in MEASURES.values() if m.of_shares])
def test_every_study_stands_at_its_two_shares(measure):
    figure = drawn(measure)
    check_layout(measure, figure.svg)
    places = np.array(circles(figure))
    assert len(places) == 3
    # Equal axes: places go with the shares by one factor, across and up.
    across, up = np.array([0.2, 0.2, 0.75]), np.array([0.1, 0.0, 0.5])
    step = (places[2, 0] - places[:2, 0].mean()) / 0.55
    bottom = places[:, 1].max()
    assert np.allclose(np.sort(bottom - places[:, 1]), np.sort(up) * step, atol=0.1)
    assert np.allclose(places[:, 0] - places[0, 0], (np.sort(across) - 0.2) * step, atol=0.1)
    assert "With the event, percent: drug" in said(figure.svg)
    assert not figure.bare()


@pytest.mark.parametrize(("measure", "effect"), [("OR", 0.4), ("RR", 0.7), ("RD", -0.1)])
def test_the_line_of_the_result_is_what_the_effect_makes_of_a_share(measure, effect):
    share = np.array([0.15, 0.3, 0.6])
    first = labbe.against(measure, effect, share)
    yi, _ = effect_size(measure, ai=first, bi=1 - first, ci=share, di=1 - share, to="none")
    assert np.allclose(np.exp(yi) if measure != "RD" else yi, effect)


def test_studies_without_counts_are_counted_and_too_few_are_a_sentence():
    lost = CELLS.copy()
    lost.loc[0, "ai"] = np.nan
    assert "Without counts, and not shown: 1 of 3." in " ".join(said(drawn(cells=lost).svg).split())
    none = drawn(cells=lost.iloc[:2])
    assert none.bare()
    assert labbe.FEW in none.description


def test_no_result_has_no_line():
    with_line, without = drawn(), drawn(effect=np.nan)
    assert with_line.svg.count("stroke-dasharray") == without.svg.count("stroke-dasharray") + 1
    assert len(circles(without)) == 3
