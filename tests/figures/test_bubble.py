"""The bubble plot: a panel for each moderator of numbers, every study a circle in it."""

import numpy as np
import pytest
from test_diagnostics import OUTCOME, Recorder, studies
from test_figures import CENTRES, NASTY, check_layout, texts

import asking
from livingmeta.figures import bubble, style
from livingmeta.pooling.synthesis import pool


def drawn(monkeypatch, effects, moderators, measure="OR"):
    """The figure, and the sheet it was drawn on."""
    plan = {"title": "Title " * 30, "outcome": "os", "measure": measure, "arms": ["a", "b"]}
    asked = asking.synthesis(**plan, moderators=moderators)
    tables = pool(effects, "s", asked)
    sheets = []

    def sheet(wide, high):
        made = Recorder()
        style.Sheet.__init__(made, wide, high)
        sheets.append(made)
        return made

    monkeypatch.setattr(bubble, "Sheet", sheet)
    found = bubble.draw(effects, tables["predicted"], tables["moderators"], asked, OUTCOME)
    return found, sheets[0]


def circles(sheet):
    return [(x, y) for x, y, fill in sheet.shapes if fill == "study"]


@pytest.mark.parametrize("measure", [*CENTRES, "OR"])
def test_every_study_with_a_value_is_a_circle_and_the_layout_holds(monkeypatch, measure):
    dose = [str(i) for i in range(15)] + [""]
    effects = studies(16, measure).assign(dose=dose, site=["a", "b"] * 8)
    found, sheet = drawn(monkeypatch, effects, ["dose", "year", "site"], measure)
    assert len(circles(sheet)) == 15 + 16  # by site: names, which have no axis
    check_layout("bubble", found.svg)
    words = [line["words"] for line in texts(found.svg)]
    assert "Dose" in words
    assert "1,995" not in words


def test_a_study_stands_where_its_values_are(monkeypatch):
    effects = studies(12).assign(dose=[str(i * i) for i in range(12)])
    _, sheet = drawn(monkeypatch, effects, ["dose"])
    at = sorted(circles(sheet))
    by_dose = effects.assign(x=effects["dose"].astype(float)).sort_values("x")
    x, y = np.array(at).T
    # Both axes are straight lines on the analysis scale, the upright one from the bottom.
    assert np.corrcoef(x, by_dose["x"])[0, 1] == pytest.approx(1, abs=1e-9)
    assert np.corrcoef(y, by_dose["yi"])[0, 1] == pytest.approx(-1, abs=1e-9)


@pytest.mark.parametrize(
    ("k", "moderators"), [(0, ["year"]), (4, ["year"]), (12, ["site"]), (12, ["absent"])]
)
def test_where_there_is_no_regression_on_numbers_a_sentence_says_so(monkeypatch, k, moderators):
    effects = studies(k).assign(site=(["a", "b"] * k)[:k])
    found, _ = drawn(monkeypatch, effects, moderators)
    assert found.bare()
    assert "Not drawn" in found.description


def test_hostile_names_and_values_keep_the_layout(monkeypatch):
    effects = studies(12).assign(**{NASTY: [f"{i}e3" for i in range(12)]})
    found, sheet = drawn(monkeypatch, effects, [NASTY])
    assert len(circles(sheet)) == 12
    check_layout("bubble", found.svg)
