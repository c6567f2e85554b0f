"""Lights of risk of bias: each with its sign, shares of the weight, a column in the forest plot."""

import re

import pandas as pd
import pytest

import asking
from figures.test_figures import check_layout, said, texts
from livingmeta.figures import forest, risk_of_bias
from livingmeta.figures.colours import COLOURS
from livingmeta.judgement import assessments, tools, weighted
from livingmeta.judgement.risk_of_bias import lights, of_synthesis
from livingmeta.plan import Arm, Outcome
from livingmeta.pooling.synthesis import pool
from livingmeta.tables import empty

ASKED = asking.synthesis(title="Fever", outcome="fever", measure="OR", arms=["bcg", "none"])
WORDS = ["low", "some concerns", "high"]


def effects(k):
    numbers = list(range(k))
    return pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": [f"x{i}" for i in numbers],
            "label": [f"Study of a long name {i}" for i in numbers],
            "measure": "OR",
            "yi": [0.1 * (i % 5) for i in numbers],
            "vi": [0.05 + 0.01 * (i % 7) for i in numbers],
            "n": 100,
            "year": 2000,
            **dict.fromkeys(("inputs", "assumed", "adjusted"), ""),
            "route": "C",
        }
    )


def judged(k, tool="RoB 2"):
    """All but the last of k studies, each domain by another word."""
    of = tools.every()[tool]
    rows = []
    for i in range(k - 1):
        for j, domain in enumerate([*of.domains, of.domain(tools.OVERALL)]):
            word = {"judgement": WORDS[(i + j) % 3], "score": None}
            if of.in_points:
                word = {"judgement": "", "score": domain.points if domain.points < 9 else 6}
            head = {"study_id": f"x{i}", "outcome": "", "tool": tool, "domain": domain.id}
            rows.append(head | word | {"support": "", "assessor": "", "row": 2 + len(rows)})
    return rows


def drawn(k, rows):
    table = effects(k)
    found = assessments.settled(rows, {})
    holds = of_synthesis(found, "s", "fever")
    [result] = pool(table, "s", ASKED)["pooled"].query("primary").to_dict("records")
    return table, holds, result, risk_of_bias.draw(table, holds, result, ASKED)


def test_every_light_has_its_sign_and_nothing_covers_another():
    _, holds, _, figure = drawn(7, [*judged(7), *judged(3, "NOS")])
    check_layout("risk", figure.svg)
    colours = {"low": "green", "some concerns": "yellow", "high": "red"}
    signs = {one.word: one.sign for one in tools.every()["RoB 2"].judgements}
    words = [line["words"] for line in texts(figure.svg)]
    for word, colour in colours.items():
        cells = (holds["light"] == word).sum()
        circles = len(
            re.findall(f"M[^M]*fill: {COLOURS[colour]}|fill: {COLOURS[colour]}", figure.svg)
        )
        alone = words.count(signs[word])
        assert alone == cells + 1, word  # and one in the legend
        assert circles >= alone
    assert "4/4" in words
    assert "Study of a long name 6" not in words
    assert "x0" not in said(figure.svg)


def test_the_shares_are_those_of_the_weight_of_the_result():
    table, holds, result, figure = drawn(7, judged(7))
    weight = weighted.of_studies(table, result)
    raw = 1 / (table["vi"] + result["tau2"])
    expected = dict(zip(table["study_id"], 100 * raw / raw.sum(), strict=True))
    assert weight == pytest.approx(expected)
    shares = weighted.shares(holds, weight)
    for domain in ("D1", "D5", "overall"):
        mine = [one for one in shares if one.domain == domain]
        assert sum(one.share for one in mine) == pytest.approx(100)
        assert [one.word for one in mine] == [*WORDS, ""]
    high, unknown = weighted.at_high_risk(holds, weight)
    overall = dict(
        zip(holds["study_id"], holds.query("domain == 'overall'")["light"], strict=False)
    )
    assert overall
    mine = holds[(holds["domain"] == "overall") & (holds["light"] == "high")]["study_id"]
    assert high == pytest.approx(sum(expected[study] for study in mine))
    assert unknown == pytest.approx(expected["x6"])
    printed = {number: words for number, words in figure.lines if "/risk/" in number}
    assert printed["s/risk/rob-2/overall/high"].endswith(f"{high:.1f}%")


def test_without_judgements_a_sentence_stands_there():
    table = effects(3)
    figure = risk_of_bias.draw(table, assessments.empty(), None, ASKED)
    assert figure.bare()
    assert "Nobody has judged" in said(figure.svg)


@pytest.mark.heavy
def test_many_studies_go_over_pages_with_heads_and_bars_on_each():
    *_, figure = drawn(90, judged(90))
    assert len(figure.parts) > 1
    for part in figure.parts:
        words = [words for _, words in part.lines]
        assert "RoB 2" in words
        assert "Overall" in words


def test_the_forest_plot_has_a_column_of_lights():
    table = effects(7)
    found = assessments.settled(judged(7), {})
    models = pool(table, "s", ASKED)["pooled"]
    arms = {"bcg": Arm.of({"label": "BCG"}), "none": Arm.of({"label": "None"})}
    outcome = Outcome.of({"label": "Fever", "kind": "binary", "unit": "", "good": "lower"})
    plain, lit = (
        forest.draw(
            *(table, models, empty("pooling/moderators"), ASKED),
            arms=arms,
            outcome=outcome,
            used=empty("effects/used"),
            risk=risk,
        )
        for risk in ({}, lights(found, "s", "fever"))
    )
    check_layout("forest", lit.svg)
    words = [line["words"] for line in texts(lit.svg)]
    assert words.count("+") + words.count("!") + words.count("−") == 6
    assert words.count("…") == 1
    assert "Risk of bias as a whole: + low, ! some concerns, − high, … not judged." in words
    assert "of bias" not in said(plain.svg)
