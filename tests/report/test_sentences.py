"""Every sentence on a result, held to the row of pooled.csv that it speaks of.

Models, numbers of studies and measures are crossed; the text is the page's own, from the template.
"""

import re
from collections import defaultdict
from html import unescape

import numpy as np
import pandas as pd
import pytest

from livingmeta import protocol as protocols
from livingmeta import tables
from livingmeta.formulas.measures import more_is_better
from livingmeta.plan import Protocol
from livingmeta.report import results
from livingmeta.report.page import page
from livingmeta.words import measures, models
from livingmeta.words.numbers import Numbers, finer, missing, show
from made_up_review import protocol
from printed_trials import events, harmonised, means, pooled, ratios

BODY = """
{% from "macros.jinja" import table, estimate, estimate_in_words, figure, count, explained
   with context %}{% macro beyond(id) %}{% endmacro %}{% include "synthesis.jinja" %}"""
NAMES = {
    "effects": "effects/effects", "used": "effects/used", "unusable": "effects/unusable",
    "routes": "effects/routes", "pooled": "pooling/pooled", "influence": "pooling/influence",
    "moderators": "pooling/moderators", "predicted": "pooling/predicted",
    "small_study": "pooling/small_study",
    "decisions": "pooling/decisions", "absolute": "pooling/absolute",
    "cumulative": "pooling/cumulative", "gosh": "pooling/gosh", "history": "living/cumulative",
    "narrative": "pooling/narrative", "problems": "extraction/problems",
    "risk_of_bias": "extraction/risk_of_bias", "quotes": "extraction/quotes",
    "readings": "extraction/readings",
    "curve_readings": "extraction/curve_readings",
    "information_size": "living/information_size", "information_looks": "living/information_looks",
}  # fmt: skip
MH, PETO, GLMM = ({"method": name} for name in ("mantel-haenszel", "peto", "glmm"))
FE, DL = {"tau2": "FE"}, {"tau2": "DL", "interval": "hksj"}
CLUSTERED, ROBUST = ({"method": name, "cluster": "centre"} for name in ("multilevel", "robust"))
OF_ONE_ARM = ("PLO", "MN")
GRID = [
    *(("OR", model, k) for model in ("auto", MH) for k in (1, 2, 3, 6)),
    ("OR", PETO, 3), ("OR", FE, 6), ("OR", GLMM, 3), ("RR", MH, 4), ("RR", DL, 10),
    ("SMD", "auto", 3), ("SMD", FE, 10), ("MD", "auto", 5), ("RD", "auto", 3), ("ROM", "auto", 4),
    ("HR", "auto", 5), ("IRR", "auto", 3), ("PLO", "auto", 4), ("PLO", GLMM, 6), ("MN", "auto", 5),
]  # fmt: skip
MORE = [
    *(("OR", model, k) for model in (PETO, FE) for k in (1, 2)),
    *(("RR", model, k) for model in ("auto", MH, DL) for k in (2, 10)),
    *(("SMD", model, k) for model in ("auto", FE, DL) for k in (2, 10)),
    *(("MD", "auto", k) for k in (1, 2, 4)),
    *(("RD", model, k) for model in ("auto", MH, FE) for k in (1, 2, 6, 10)),
    *(("ROM", model, k) for model in ("auto", FE) for k in (1, 2, 10)),
    ("AS", "auto", 3),
    *(
        (measure, model, k)
        for measure in ("HR", "IRR")
        for model in ("auto", FE, DL)
        for k in (2, 6)
    ),
    *(
        (measure, model, k)
        for measure in ("PLO", "MN")
        for model in ("auto", DL)
        for k in (1, 2, 10)
    ),
    *((measure, CLUSTERED, 6) for measure in ("OR", "HR", "SMD")),
    *((measure, ROBUST, 6) for measure in ("OR", "HR", "MD")),
    *(("OR", model, k) for model in (GLMM, {"method": "beta-binomial"}) for k in (3, 6)),
]
ALL = [*GRID, *(pytest.param(*one, marks=pytest.mark.heavy) for one in MORE)]


def trials(measure, k, apart=0.6):
    rng = np.random.default_rng(k)
    if measure in ("OR", "RR", "RD", "AS"):
        n = rng.integers(40, 200, k)
        share = np.clip(0.25 + apart * rng.normal(size=k) / 8, 0.06, 0.6)
        return events([(round(m * p), m, round(m * 0.3), m) for m, p in zip(n, share, strict=True)])
    if measure in ("HR", "IRR"):
        name = "hazard-ratio" if measure == "HR" else "incidence-rate-ratio"
        kind = "time-to-event" if measure == "HR" else "binary"
        logs, errors = 0.3 + apart * rng.normal(size=k) / 2, rng.uniform(0.12, 0.3, k)
        limits = [np.exp(logs + z * errors) for z in (0, -1.96, 1.96)]
        return ratios(name, list(zip(*limits, strict=True)), kind)
    if measure == "PLO":
        counted = trials("OR", k, apart)
        return counted[0], [one for one in counted[1] if one["arm"] == "drug"], k
    unit = 0.01 if measure == "MD" else 1.0
    middle = 5.0 if measure == "ROM" else 0.0
    found = [
        (30 + 7 * i, unit * (1 + apart * rng.normal()) + middle, unit, 33, 0.7 * unit + middle,
         1.1 * unit)
        for i in range(k)
    ]  # fmt: skip
    found = means(found)
    if measure == "MN":
        return found[0], [one for one in found[1] if one["arm"] == "drug"], k
    return found


def written(measure, printed, **asked):
    """The prose on a synthesis, its table of models, and its row of pooled.csv that is the result
    (None where there is none)."""
    arms = 1 if measure in OF_ONE_ARM else 2
    traits = {"centre": list("aabbccddee")[: printed[2]]}
    of = {"arms": ["drug", "placebo"][:arms]}
    done = pooled(printed, measure, traits, **asked | of)
    frames = {name: tables.empty(schema) for name, schema in NAMES.items()}
    effects, unusable, _ = harmonised(printed, measure, traits, **asked | of)
    frames |= {"effects": effects, "unusable": unusable}
    for name, table in done.items():
        empty = frames[name]
        frames[name] = table.reindex(columns=[*empty.columns]) if len(table) else empty
    ids = [*effects["study_id"], *unusable["study_id"]]
    frames["studies"] = pd.DataFrame(
        {"study_id": ids, "label": [f"Trial {i}" for i in ids], "status": "included"}
    )
    plan = protocol()
    synthesis = {
        "title": "Harm",
        "outcome": "harm",
        "measure": measure,
        "arms": ["bcg", "none"][:arms],
    }
    plan["outcomes"] = {"harm": {"label": "Harm", "kind": printed[0], "good": "lower",
                                 "unit": "", "definition": ""}}  # fmt: skip
    given = {"s": synthesis | asked}
    plan["syntheses"] = protocols.with_defaults({"syntheses": given})["syntheses"]
    whole, numbers = Protocol.of(plan), Numbers()
    found = defaultdict(pd.DataFrame, frames)
    mine = results.of_each(found, results.OF_A_SYNTHESIS, ["s"])["s"]
    section = results.section("s", whole, found, mine, {}, numbers, {})
    html = (
        page._environment(numbers)
        .from_string(BODY)
        .render(s=section, protocol=plan, figures={}, by_id={"s": section}, certainty={}, plan=None)
    )
    plain = re.sub(r"<details.*?</details>|<table.*?</table>", " ", html, flags=re.S)
    prose = " ".join(unescape(re.sub(r"<[^>]+>", "", plain)).split())
    rows = done["pooled"]
    result = rows[rows["primary"].astype(bool)] if len(rows) else rows
    return prose, result.iloc[0].to_dict() if len(result) else None


def printed_pair(row, measure, low, high):
    three = [row[f"display_{x}"] for x in ("estimate", "ci_low", "ci_high")]
    kind = finer(measures.SCALES[measure].kind, *three)
    return show(row[f"display_{low}"], kind), show(row[f"display_{high}"], kind)


@pytest.mark.parametrize(("measure", "model", "k"), ALL)
def test_what_is_said_is_what_the_table_holds(measure, model, k):
    prose, row = written(measure, trials(measure, k), model=model)
    assert row is not None
    three = [row[f"display_{x}"] for x in ("estimate", "ci_low", "ci_high")]
    kind = finer(measures.SCALES[measure].kind, *three)
    pair = f"{show(three[0], kind)} (95% confidence interval {show(three[1:], kind)})"
    assert not re.search(r"\bnan\b|None|∞|= <|= >", prose)
    if k == 1:
        assert "A single study is not a synthesis" in prose
        return
    assert pair in prose
    null = measures.SCALES[measure].null
    includes = null is not None and three[1] <= null <= three[2]
    assert ("the interval includes no difference" in prose) == includes
    if null is None:
        assert "in favour of" not in prose
    elif not includes:
        better = (three[1] > null) == more_is_better(measure, "lower", "binary")
        assert f"in favour of {'BCG' if better else 'no vaccine'}" in prose
    if k == 2:
        assert "describes these two studies" in prose
        assert "no prediction interval is given" in prose
        assert ("common-effect average" in prose) == models.is_common(row)
        return
    assert ("It assumes that all studies share one effect" in prose) == models.is_common(row)
    if models.is_common(row):
        assert "was estimated" not in prose
        assert "variance between studies is" not in prose
        assert ("against which their scatter speaks" in prose) == (row["q_p"] < 0.1)
    elif not missing(row["tau2"]):
        said = "No variation between the studies beyond chance was estimated (τ² = 0"
        assert (said in prose) == (row["tau2"] == 0)
        text = show(row["tau2"], "variance")
        assert f"τ² {'' if text.startswith('<') else '= '}{text}".replace("<", "< ") in prose
        within = row["tau2"] > 0 and not missing(row["tau2_within"])
        assert ("between the studies of one cluster" in prose) == within
    if not missing(row["q"]):
        q, df = show(row["q"], "statistic"), show(row["q_df"], "degrees")
        assert f"{models.heterogeneity(row)} = {q} on {df} degrees of freedom" in prose
    if not missing(row["i2"]):
        assert f"I² = {show(row['i2'], 'percentage')} (k = {int(row['k'])})" in prose
    predicted = not missing(row["display_pi_low"])
    assert ("is expected between" in prose) == (predicted and k >= 5)
    if predicted and k >= 5:
        low, high = printed_pair(row, measure, "pi_low", "pi_high")
        assert f"is expected between {low} and {high}" in prose


def test_an_interval_of_tau2_that_is_0_alone_is_not_told():
    """Effects that differ less than chance would have them: Q-profile leaves 0 and nothing else."""
    prose, row = written("OR", events([(10 + i, 100 + i, 20 + i, 100 + i) for i in range(6)]))
    assert row["tau2"] == row["tau2_high"] == 0
    assert "was estimated (τ² = 0), which with 6 studies" in prose


def test_the_model_keeps_the_name_of_its_author():
    prose, _ = written("OR", trials("OR", 3), model=PETO)
    assert "Model: Peto." in prose


def test_one_study_at_another_level_is_told_at_that_level():
    prose, row = written("OR", trials("OR", 1), level=0.9)
    assert f"(90% confidence interval {show(row['display_ci_low'], 'ratio')} to " in prose


def test_two_trials_that_exclude_each_other():
    prose, row = written("OR", events([(5, 100, 40, 100), (40, 100, 12, 100)]))
    assert row is None
    assert "Two studies contradict one another" in prose
    assert "average of both" in prose
    assert "I² = 97.7%" in prose


def test_no_event_anywhere():
    prose, row = written("OR", events([(0, 50, 0, 50), (0, 30, 0, 31), (0, 12, 0, 10)]))
    assert row is None
    assert "Not estimable" in prose
    assert "3 studies" in prose
    assert "1.00" not in prose


def test_digits_follow_the_interval():
    prose, row = written("MD", trials("MD", 5, apart=0.1))
    assert not re.search(r"\b0\.00 \(", prose)
    half = (row["display_ci_high"] - row["display_ci_low"]) / 2
    assert 0 < half < 0.05
    text = re.search(r"Pooled mean difference: (\S+) \(95%", prose)[1]
    assert len(text.split(".")[1]) == 1 - int(np.floor(np.log10(half)))


def test_another_level():
    prose, row = written("RR", trials("RR", 6), level=0.9)
    wide = written("RR", trials("RR", 6))[1]
    assert "90% confidence interval" in prose
    assert "90% prediction interval" in prose
    assert "95%" not in prose
    assert row["ci_low"] > wide["ci_low"]
    assert row["estimate"] == wide["estimate"]
