"""Figures of how a result came to be, and of its information size: that they show the tables."""

import re

import pandas as pd
import pytest

from livingmeta import plan
from livingmeta.figures import history, monitoring
from livingmeta.formulas.boundaries import bounds
from made_up_review import protocol

PLAN = plan.Protocol.of(protocol())
SYNTHESIS = PLAN.syntheses["tb"]
OUTCOME = PLAN.outcomes["tb"]
LABELS = {"a": "Ahn 2010", "b": "Bauer 2011 <b>", "c": "Costa 2012"}


def steps(*rows):
    names = ["along", "step", "added", "removed", "k", "display_estimate"]
    table = pd.DataFrame(rows, columns=[*names, "display_ci_low", "display_ci_high"])
    return table.assign(synthesis="tb")


STEPS = steps(
    ("release", "1.0", "a b", "", 2, 0.5, 0.3, 0.9),
    ("release", "present", "c", "b", 2, 0.62, 0.41, 0.94),
    ("year", "2010", "a", "", 1, 0.44, float("nan"), float("nan")),
    ("year", "none", "c", "", 2, 0.62, 0.41, 0.94),
)


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>(.*?)</text>", svg, flags=re.DOTALL)


def test_every_step_stands_with_its_result_and_what_it_brought():
    svg = history.draw(STEPS, SYNTHESIS, OUTCOME, LABELS).svg
    shown = texts(svg)
    assert shown.count("0.62 (0.41 to 0.94)") == 2
    assert {"1.0", "now", "2010", "no year"} <= set(shown)
    assert "+ Costa 2012, without Bauer 2011 &lt;b&gt;" in " ".join(shown)
    assert "the studies of that version" in shown
    assert svg == history.draw(STEPS, SYNTHESIS, OUTCOME, LABELS).svg
    lines = dict(history.draw(STEPS, SYNTHESIS, OUTCOME, LABELS).lines[::-1])
    assert "no year" not in {words for number, words in lines.items() if number}


def test_one_step_is_no_history():
    svg = history.draw(STEPS[1:2], SYNTHESIS, OUTCOME, LABELS).svg
    assert "There is one step only" in svg
    assert "As each version" not in history.draw(STEPS[1:], SYNTHESIS, OUTCOME, LABELS).svg


SIZE = {"synthesis": "tb", "difference": 0.8, "alpha": 0.05, "power": 0.8, "d2": 40.0}


def looks(fractions, z):
    years = [str(2010 + i) for i in range(len(z))]
    return pd.DataFrame({"step": years, "fraction": fractions, "z": z})


@pytest.mark.parametrize(
    ("fractions", "z"),
    [([0.001], [-1.5]), ([0.05, 0.2, 0.6], [-3.0, -4.0, -1.0]), ([0.5, 1.4, 1.8], [2.5, 9.0, 3.0])],
)
def test_boundaries_and_looks_are_drawn_however_much_information_there_is(fractions, z):
    svg = monitoring.draw(SIZE, looks(fractions, z), SYNTHESIS, OUTCOME, PLAN.arms).svg
    shown = " ".join(texts(svg))
    assert "favours BCG" in shown
    assert "2010" in shown
    assert "Cochrane Handbook, chapter 22" in shown
    assert "nan" not in svg.lower()


def test_the_boundary_comes_in_from_the_edge_where_it_crosses_it():
    ahead = [0.1, 0.3, 1.0]
    monitored = bounds(ahead, 0.05)
    at = monitoring._edge(ahead, monitored, 5.0)
    assert monitored[0] > 5 > monitored[1]
    assert 0.1 < at < 0.3
    assert monitoring._edge([0.5, 1.0], bounds([0.5, 1.0]), 5.0) is None


def test_no_effect_yet_is_said():
    assert "There is no usable effect yet" in monitoring.nothing(SYNTHESIS).svg
