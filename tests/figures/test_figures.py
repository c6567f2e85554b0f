"""The figures: what they say, that nothing is cut or overlaps, and that bytes are stable."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
import printed_text
from livingmeta.effect_measures import MEASURES
from livingmeta.figures import estimators, flow, forest, funnel, style
from livingmeta.figures.axis import Axis
from livingmeta.figures.colours import COLOURS
from livingmeta.figures.drawn import DRAWN_LARGER, PAGE
from livingmeta.formulas.measures import more_is_better
from livingmeta.plan import Protocol
from livingmeta.pooling.synthesis import pool
from livingmeta.tables import empty
from livingmeta.words import ids, measures
from livingmeta.words.numbers import finer, show
from made_up_review import FLOW, NASTY, SURVIVAL, made_up_figures, protocol
from marked import heavy_but

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figures(drawings):
    return {name: drawn.svg for name, drawn in drawings.items()}


def texts(svg: str) -> list[dict]:
    """Every line of text with its place in millimetres, its width as laid out, and its words."""
    lines = []
    for node in ET.fromstring(svg).iter(f"{SVG}text"):
        look = node.get("style")
        size = float(re.search(r"font-size: ([\d.]+)px", look)[1])
        bold = "font-weight: 700" in look
        upright = "rotate(-90" in (node.get("transform") or "")
        wide = style.width(node.text, size, bold)
        x, y = (float(node.get(axis)) * style.POINT for axis in "xy")
        anchor = re.search(r"text-anchor: (\w+)", look)
        shift = {"end": wide, "middle": wide / 2}.get(anchor[1] if anchor else "start", 0.0)
        lines.append(
            {"words": node.text, "x0": x - shift, "x1": x - shift + wide, "y": y, "size": size}
            | {"upright": upright}
        )
    return lines


def sheet_width(svg: str) -> float:
    return float(ET.fromstring(svg).get("viewBox").split()[2]) * style.POINT


def said(svg: str) -> str:
    return "\n".join(line["words"] for line in texts(svg))


def test_same_data_same_bytes(found, figures):
    again = made_up_figures(protocol(), found)
    assert {name: drawn.svg for name, drawn in again.items()} == figures


def test_figures_are_well_formed_and_reach_for_nothing(figures):
    for svg in figures.values():
        root = ET.fromstring(svg)
        assert root.find(f"{SVG}title").text
        assert set(re.findall(r"https?://[^\"' ]+", svg)) == {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert "<script" not in svg
        assert not re.search(r"20\d\d-\d\d-\d\dT|Matplotlib", svg)


def check_layout(name: str, svg: str) -> None:
    """No text leaves the sheet, none covers another, and none is too small in print."""
    assert min(line["size"] for line in texts(svg)) >= style.SMALL
    lines = [line for line in texts(svg) if not line["upright"]]
    wide = sheet_width(svg)
    assert wide <= PAGE[1] * DRAWN_LARGER + 0.1, name  # on its side its letters keep their 8 points
    for i, a in enumerate(lines):
        assert 0.5 < a["x0"] < a["x1"] < wide - 0.5, (name, a)
        for b in lines[:i]:
            beside = a["x1"] < b["x0"] + 0.01 or b["x1"] < a["x0"] + 0.01
            high = max(a["size"], b["size"]) * style.POINT
            assert beside or abs(a["y"] - b["y"]) > 0.72 * high, (name, a, b)


def test_no_text_leaves_the_sheet_and_none_covers_another(figures):
    for name, svg in figures.items():
        check_layout(name, svg)


# Where a measure's own scale allows no value such as 0.4.
CENTRES = {"PLN": -0.4, "PLO": -1.5, "IRLN": -2.0}


@pytest.mark.parametrize("measure", heavy_but(["OR", "MD", "HR", *CENTRES], measures.SCALES))
def test_every_measure_is_drawn_with_no_word_out_of_place(measure, plan):
    rng = np.random.default_rng(7)
    k = 11
    effects = pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": [f"x{i}" for i in range(k)],
            "label": [("Long label " * (i % 7 + 1)).strip() for i in range(k)],
            "measure": measure,
            "yi": CENTRES.get(measure, 0.4) + 0.05 * rng.normal(size=k),
            "vi": rng.uniform(0.0001, 0.02, size=k),
            "n": rng.integers(5, 5000, size=k),
            "year": 2000,
            "site": [["lung", "liver", ""][i % 3] for i in range(k)],
            **dict.fromkeys(("inputs", "assumed", "adjusted"), ""),
            "route": "R",
        }
    ).astype({"study_id": object, "site": object})
    arms = ["bcg"] if measures.SCALES[measure].null is None else ["bcg", "none"]
    synthesis = {"title": "Title " * 30, "outcome": "os", "measure": measure, "arms": arms}
    synthesis = asking.synthesis(**synthesis, subgroups=["site"])
    tables = pool(effects, "s", synthesis)
    models, outcome = tables["pooled"], plan.outcomes["os"]
    drawn = {
        "forest": forest.draw(
            *(effects, models, tables["moderators"], synthesis),
            arms=plan.arms,
            outcome=outcome,
            used=empty("effects/used"),
        ),
        "funnel": funnel.draw(effects, models, synthesis),
        "estimators": estimators.draw(models, synthesis, outcome),
    }
    for name, figure in drawn.items():
        check_layout(name, figure.svg)
    check_layout("on a phone", drawn["forest"].narrow.svg)
    assert "Site: lung" in said(drawn["forest"].svg)


def test_forest_prints_every_study_and_the_result_as_everything_else_does(found, figures):
    svg = said(figures["forest-tb"])
    rows = measures.shown(found["effects"][found["effects"]["synthesis"] == "tb"], "RR")
    for middle, *pair in rows[["display", "display_low", "display_high"]].to_numpy(float):
        kind = finer("ratio", middle, *pair)
        assert f"{show(middle, kind)} ({show(pair, kind)})" in svg
    assert "505/88,391" in svg
    # metafor 3.8.1: rma(measure="RR", method="REML") and its knha interval and predict().
    assert "0.49 (0.33 to 0.73)" in svg
    assert "τ² = 0.313 (95% CI 0.120 to 1.111); I² = 92.2% (k = 13); Q = 152.2 on 12 df" in svg
    assert "95% prediction interval" in svg
    assert "Subgroup, 7 studies" in svg
    weights = [float(w) for w in re.findall(r"^([\d.]+)%$", svg, flags=re.MULTILINE)]
    # metafor: weights(rma(measure="RR")), here by year and within the subgroups' blocks.
    known = [10.1, 8.9, 5.1, 6.4, 4.4, 8.7, 6.0, 9.7, 10.2, 8.4, 3.8, 9.9, 8.4]
    assert weights == known


def test_one_study_has_no_diamond_and_says_so(figures):
    one, two = said(figures["forest-os-one"]), said(figures["forest-os-two"])
    assert "One study only: its own effect is shown; nothing was pooled." in one
    assert "Common effect" not in one
    assert "Weight" not in one
    assert "Two studies only: the pooled value is descriptive." in two
    assert two.count("Common effect") == 1
    assert style.COLOURS["pooled"] not in figures["forest-os-one"]


def test_no_study_is_said_in_words(figures):
    assert "nothing to draw" in said(figures["forest-os-none"])
    assert "with no study there is no shape" in said(figures["funnel-os-none"])


def test_prediction_interval_is_not_drawn_for_four_studies(figures):
    assert "prediction" not in said(figures["forest-os-four"])


def test_markup_formulas_and_other_scripts_stand_as_they_are(figures):
    assert f"A {NASTY}"[:30] in said(figures["flow"])
    assert "北京" in said(figures["flow"])
    assert '<script>alert("1")</script> & $x^2$' in said(figures["forest-os-four"])
    assert "…" in said(figures["forest-os-one"])


def test_the_sides_of_a_forest_plot_are_named_rightly(figures):
    # Less tuberculosis lies on the left; better odds of survival on the right.
    for name, left, right in (("tb", "BCG", "no vaccine"), ("os-two", "no vaccine", "BCG")):
        place = {line["words"]: line["x0"] for line in texts(figures[f"forest-{name}"])}
        assert place[f"favours {left}"] < place[f"favours {right}"]


@pytest.mark.parametrize(
    ("measure", "kind", "good", "right"),
    [
        ("OR", "survival", "higher", "first"),  # odds of survival
        ("HR", "survival", "higher", "second"),  # hazard of what ends survival
        ("RR", "binary", "lower", "second"),
        ("RR", "binary", "higher", "first"),
        ("MD", "continuous", "lower", "second"),
        ("IRR", "count", "lower", "second"),
        ("HR", "time", "higher", "second"),
    ],
)
def test_the_good_side(measure, kind, good, right):
    assert more_is_better(measure, good, kind) == (right == "first")


def test_every_measure_of_the_effects_can_be_shown(found):
    row = found["effects"].head(1).assign(yi=0.2, vi=0.04, n=50)
    for measure in MEASURES:
        shown = measures.shown(row, measure).iloc[0]
        assert shown["display_low"] <= shown["display"] <= shown["display_high"]


def test_a_subgroup_says_how_its_studies_differ_and_whether_it_differs_from_the_others():
    effects = pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": list("abcdef"),
            "label": list("ABCDEF"),
            "measure": "OR",
            "yi": [0.1, 0.9, 0.2, 1.4, 1.9, 1.6],
            "vi": 0.04,
            "n": 100,
            "year": 2000,
            "site": ["lung"] * 3 + ["liver"] * 3,
            **dict.fromkeys(("inputs", "assumed", "adjusted"), ""),
            "route": "C",
        }
    ).astype({"study_id": object, "site": object})
    synthesis = {"title": "T", "outcome": "os", "measure": "OR", "arms": ["bcg", "none"]}
    synthesis = asking.synthesis(**synthesis, subgroups=["site"])
    found = pool(effects, "s", synthesis)
    plan = Protocol.of(protocol())
    used = pd.DataFrame(
        [
            {"study_id": study, "arm": arm, "role": "events", "row": row, "value": value, "n": 50}
            for study in "abcdef"
            for arm, row, value in (("bcg", 1, 5), ("none", 2, 9))
        ]
    )
    told = {"arms": plan.arms, "outcome": plan.outcomes["os"], "used": used}
    svg = forest.draw(effects, found["pooled"], found["moderators"], synthesis, **told).svg
    numbers = dict(printed_text.in_figure(svg))
    subgroup = found["pooled"].query("subgroup == 'site=lung'").iloc[0]
    assert numbers[f"{ids.model(subgroup)}/i2"] == f"I² = {subgroup['i2']:.1f}%"
    assert numbers[f"{ids.model(subgroup)}/n"] == "300"
    test = found["moderators"].iloc[0]
    assert test["term"] == "between subgroups"
    said = f"Between subgroups: F = {test['statistic']:.2f} on 1 and 4 df, p "
    (key,) = ids.tests("moderators", [test])
    assert numbers[key].startswith(said)
    plain = forest.draw(effects, found["pooled"], found["moderators"].iloc[:0], synthesis, **told)
    assert "Between subgroups" not in plain.svg


def test_an_effect_of_a_rough_route_is_drawn_hollow():
    effects = pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": list("abc"),
            "label": list("ABC"),
            "measure": "HR",
            "yi": [0.1, 0.3, 0.2],
            "vi": [0.04, 0.02, 0.09],
            "n": 100,
            "year": 2000,
            **dict.fromkeys(("inputs", "assumed", "adjusted"), ""),
            "route": ["T3", "M", "T12"],
            "grade": ["exact", "rough", "rough"],
        }
    ).astype({"study_id": object})
    synthesis = {"title": "T", "outcome": "os", "measure": "HR", "arms": ["bcg", "none"]}
    synthesis = asking.synthesis(**synthesis)
    plan = Protocol.of(protocol())
    told = {"arms": plan.arms, "outcome": plan.outcomes["os"], "used": empty("effects/used")}
    found = pool(effects, "s", synthesis)
    rows = found["pooled"], found["moderators"], synthesis
    edge = f"stroke: {COLOURS['study']}"
    svg = forest.draw(effects, *rows, **told).svg
    assert svg.count(edge) == 2
    assert "Hollow square: effect of grade rough" in svg
    svg = forest.draw(effects.assign(grade="close"), *rows, **told).svg
    assert edge not in svg
    assert "Hollow" not in svg


@settings(max_examples=60, deadline=None)
@given(st.floats(-6, 6), st.floats(0.02, 8))
def test_ticks_are_few_round_and_in_range(start, span):
    low, high = math.exp(start), math.exp(start + span)
    ticks = measures.log_ticks(low, high)
    assert 3 <= len(ticks) <= 8
    assert all(low * 0.999 <= t <= high * 1.001 for t in ticks)
    assert 1 in ticks or not low < 1 < high
    linear = measures.linear_ticks(start, start + span)
    assert 3 <= len(linear) <= 8
    assert all(start - 1e-6 <= t <= start + span + 1e-6 for t in linear)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-4, 4), st.floats(0.01, 3)), min_size=1, max_size=20),
    st.sampled_from(["OR", "MD", "PLO"]),
)
def test_the_axis_holds_every_estimate_in_order(effects, measure):
    table = pd.DataFrame(effects, columns=["yi", "vi"]).assign(n=10)
    shown = measures.shown(table, measure)[["display", "display_low", "display_high"]].to_numpy()
    axis = Axis(measures.SCALES[measure], shown, [], 10.0, 70.0)
    places = [axis.x(value) for value in np.sort(shown[:, 0])]
    assert places == sorted(places)
    assert 10 <= places[0] <= places[-1] <= 70
    if measures.SCALES[measure].null is not None:
        assert axis.low < measures.SCALES[measure].null < axis.high
    # No estimate sits on the edge: it could be taken for one beyond it.
    if measure != "PLO":
        assert places[0] > 10
        assert places[-1] < 70


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120), st.floats(5, 60))
def test_wrapped_text_fits_and_loses_nothing(text, room):
    lines = style.wrap(text, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(style.width(line) <= room or len(line) <= 1 for line in lines)
    assert style.width(style.shorten(text, room)) <= room


def test_funnel_warns_under_ten_studies_and_only_there(found, figures, plan):
    assert "Fewer than 10 studies" in said(figures["funnel-os-four"])
    assert "Fewer than 10" not in said(figures["funnel-tb"])
    dots = figures["funnel-tb"].count(f"fill: {style.COLOURS['study']}")
    assert dots == 13 + 1  # and one in the legend


def test_models_stand_side_by_side_with_the_result_first(found, figures):
    svg = said(figures["estimators-tb"])
    whole = found["pooled"][
        (found["pooled"]["synthesis"] == "tb") & (found["pooled"]["subgroup"] == "")
    ]
    printed = re.findall(r"^[\d.]+ \([\d.]+ to [\d.]+\)$", svg, flags=re.MULTILINE)
    assert len(printed) == len(whole)
    assert "Random effects (REML), guarded\nHartung-Knapp interval" in svg
    names = re.findall(r"^(?:Random|Common|Bayesian).*", svg, flags=re.MULTILINE)
    assert names[0] == "Random effects (REML), guarded"
    assert len(names) == len(whole)
    assert "nothing to set side by side" in said(figures["estimators-os-one"])


def test_an_interval_beyond_the_axis_is_marked(figures):
    # Two studies: the Hartung-Knapp interval goes from nearly nothing to several hundred.
    filled = f'style="fill: {style.COLOURS["pooled"]}"'
    assert figures["estimators-os-two"].count(filled) >= 2


def test_flow_prints_every_count_with_its_noun_in_the_right_number():
    svg = said(flow.draw(FLOW, {"wrong": "The wrong vaccine"}).svg)
    for words in (
        "In all (n = 30)",
        "Duplicates (n = 1)",
        "Not readable as records (n = 1)",
        "Record awaiting screening (n = 1)",
        "Records excluded (n = 5)",
        "Reports not retrieved (n = 1)",
        "The wrong vaccine (n = 2)",
        "Report awaiting classification (n = 1)",
        "Records screened\n(n = 27)",
        "Reports sought for retrieval\n(n = 22)",
        "Reports assessed for eligibility\n(n = 21)",
        "Studies included in the review (n = 17)",
        "Reports of included studies (n = 18)",
        "Search of 1 May 2022",
    ):
        assert words in svg


def test_studies_that_wait_for_their_full_text_are_marked(figures):
    svg = said(figures["forest-os-four"])
    assert "Fifth 2015 *" in svg
    assert "Fourth 2014 *" not in svg
    assert "* not finally included" in svg
    assert "*" not in said(figures["forest-tb"])


def test_study_labels_of_the_case_are_all_there(figures):
    labels = {label for study, label, *_ in SURVIVAL if study != "alone"}
    for label in labels:
        assert label.split(" <")[0] in said(figures["forest-os-four"])


def test_funnel_of_two_studies_is_a_sentence(found, plan, figures):
    assert "with two studies there is no shape" in said(figures["funnel-os-two"])
    empty = found["pooled"].iloc[:0]
    rows = found["effects"][found["effects"]["synthesis"] == "tb"]
    assert "result," not in said(funnel.draw(rows, empty, plan.syntheses["tb"]).svg)
