"""Facts for GRADE, the summary of findings, results that are missing: computed, never judged."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import plan, tables
from livingmeta.formulas.information import diversity, required
from livingmeta.judgement import assessments, facts, findings, rob_me
from livingmeta.judgement.certainty import WORDS
from livingmeta.pooling import absolute_effects, synthesis
from livingmeta.report import findings as findings_section
from livingmeta.taken import counted
from livingmeta.words.findings import sentence
from livingmeta.words.numbers import Numbers, show

COUNTS = {"a": (8, 32, 17, 23), "b": (3, 27, 9, 21), "c": (10, 35, 13, 32)}
GIVEN = {
    "title": "Fever",
    "outcome": "fever",
    "measure": "OR",
    "arms": ["drug", "none"],
    "other_measures": [],
    "narrative": False,
    "time": None,
    "include": {},
    "several": "settle",
    "model": {"tau2": "REML"},
    "sensitivity": [],
    "subgroups": [],
    "moderators": [],
    "level": 0.95,
    "zeros": {"add": 0.5, "to": "only0", "drop_double": True},
    "rules": "standard",
    "subgroup_labels": {},
    "information_size": {"difference": 0.5, "alpha": 0.05, "power": 0.8},
}
OUTCOMES = plan.outcomes(
    {"fever": {"label": "Fever", "kind": "binary", "unit": "", "good": "lower"}}
)
ARMS = plan.arms({"drug": {"label": "Testomycin"}, "none": {"label": "Nothing"}})
ASKED = {"fever-or": plan.Synthesis.of(GIVEN)}


@pytest.fixture(scope="module")
def found():
    from livingmeta.formulas.measures import effect_size

    cells = pd.DataFrame.from_dict(COUNTS, "index", columns=["ai", "bi", "ci", "di"], dtype=float)
    yi, vi = effect_size("OR", **{name: cells[name].to_numpy() for name in cells})
    effects = cells.reset_index(names="study_id").assign(
        yi=yi, vi=vi, synthesis="fever-or", measure="OR", route="C"
    )
    effects["n"], effects["events"] = cells.sum(axis=1).to_numpy(), (cells.ai + cells.ci).to_numpy()
    made = synthesis.pool(effects, "fever-or", ASKED["fever-or"])
    rows = [
        {"study_id": s, "outcome": "fever", "tool": "RoB 2", "domain": "overall", "judgement": w}
        | {"score": None, "support": "", "assessor": "", "row": i}
        for i, (s, w) in enumerate((("a", "high"), ("b", "low")))
    ]
    pooled = made["pooled"].assign(primary=lambda t: t["primary"].astype(bool))
    individual = tables.empty("extraction/individual")
    absolute = absolute_effects.absolute_effects(pooled, effects, ASKED, OUTCOMES, {}, individual)
    return {
        "effects": effects,
        "used": tables.empty("effects/used"),
        "unusable": tables.empty("effects/unusable"),
        "outcomes": tables.empty("extraction/outcomes"),
        "risk_of_bias": assessments.settled(rows, {}),
        "pooled": pooled,
        "small_study": tables.empty("pooling/small_study"),
        "absolute": absolute,
        "rob_me": tables.empty("judgement/rob_me"),
        "certainty": judged(("overall", "low", ""), ("imprecision", "serious", "few events")),
    }


def judged(*rows, stamp=""):
    head = {"synthesis": "fever-or", "assessor": "ab", "facts": stamp}
    names = ("domain", "judgement", "reason")
    return pd.DataFrame([head | dict(zip(names, row, strict=True)) for row in rows])


def value(known, domain, fact):
    mine = known[(known["domain"] == domain) & (known["fact"] == fact)]
    return float(mine["value"].iloc[0])


def test_the_facts_are_those_of_the_tables(found):
    known = facts.of_all(found, ASKED)
    result = found["pooled"][found["pooled"]["primary"]].iloc[0]
    raw = 1 / (found["effects"]["vi"] + result["tau2"])
    share = (100 * raw / raw.sum()).tolist()
    assert value(known, "risk-of-bias", "high-risk") == pytest.approx(share[0])
    assert value(known, "risk-of-bias", "not-judged") == pytest.approx(share[2])
    assert value(known, "inconsistency", "i2") == pytest.approx(result["i2"])
    assert value(known, "imprecision", "events") == 60
    assert value(known, "imprecision", "n") == 230
    vi = found["effects"]["vi"].tolist()
    needed = required(-0.6931471805599453, 0.05, 0.8, diversity(vi, result["tau2"]))
    part = sum(1 / v for v in vi) / needed
    assert value(known, "imprecision", "information") == pytest.approx(100 * part)
    assert value(known, "imprecision", "required-n") == pytest.approx(230 / part)
    assert set(known["fact"]) <= set(
        tables.schema("judgement/grade_facts")["columns"]["fact"]["allowed"]
    )


def test_nothing_is_graded_by_code(found):
    blank = tables.empty("living/certainty")
    laid_out = facts.to_judge(facts.of_all(found, ASKED), blank)
    assert laid_out["domain"].tolist() == list(WORDS)
    assert set(laid_out["judgement"]) == set(laid_out["reason"]) == {""}
    summary = findings.summary(found | {"certainty": blank}, ASKED, OUTCOMES, ARMS)
    assert set(summary["certainty"]) == {""}
    assert set(summary["sentence"]) == {"The certainty of this result has not been judged."}


def test_what_is_not_estimable_or_not_pooled_has_a_line(found):
    nothing = {"pooled": found["pooled"].iloc[:0], "absolute": found["absolute"].iloc[:0]}
    empty = [{"synthesis": "fever-or", "study_id": s, "empty": True} for s in "abc"]
    none = {"effects": found["effects"].iloc[:0], "unusable": pd.DataFrame(empty)}
    [line] = findings.summary(found | nothing | none, ASKED, OUTCOMES, ARMS).to_dict("records")
    assert (line["k"], line["certainty"], line["footnotes"]) == (
        3, "low", "Imprecision, serious: Few events.",
    )  # fmt: skip
    assert line["sentence"] == "Not estimable: nobody, or everybody, had the event."
    assert pd.isna(line["estimate"])
    [line] = findings.summary(found | nothing, ASKED, OUTCOMES, ARMS).to_dict("records")
    assert (line["k"], line["n"]) == (3, 230)
    assert line["sentence"] == "The effects are told by their direction, and none is pooled."
    bare = nothing | {"effects": none["effects"], "certainty": tables.empty("living/certainty")}
    assert findings.summary(found | bare, ASKED, OUTCOMES, ARMS).empty


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Overall survival", "alive"),
        ("Death from any cause", "alive"),
        ("Gesamtüberleben", "alive"),
        ("Mortality at 28 days", "alive"),
        ("Progression-free survival", "without the event"),
        ("Time to recovery", "without the event"),
        ("Graft survival", "without the event"),
        ("Renal survival", "without the event"),
        ("Death from cancer", "without the event"),
        ("Death within 30 days or stroke", "without the event"),
        ("Survival at 24 months without BPD", "without the event"),
        ("Overall survival (OS) at 2 years", "alive"),
        ("Death or admission to hospital", "without the event"),
    ],
)
def test_only_who_could_have_died_is_told_as_alive(found, label, unit):
    outcome = {"label": label, "kind": "survival", "unit": "", "good": "higher"}
    told = findings.summary(found, ASKED, plan.outcomes({"fever": outcome}), ARMS)
    assert {*told["unit"]} == {f"{unit}, of 1,000 patients"}
    assert bool(counted(label)) == (unit == "alive")


def test_the_summary_agrees_with_absolute_csv(found, tmp_path):
    summary = findings.summary(found, ASKED, OUTCOMES, ARMS)
    tables.write(summary, tmp_path / "s.csv", "judgement/summary_of_findings")
    [line] = summary.to_dict("records")
    rows = found["absolute"][found["absolute"]["baseline_source"] == line["assumed_source"]]
    control, treated = (
        rows[rows["scale"] == scale].iloc[0] for scale in ("control-per-1000", "per-1000")
    )
    assert line["assumed"] == pytest.approx(control["estimate"])
    corresponding = [line[f"corresponding{end}"] for end in ("", "_low", "_high")]
    assert corresponding == pytest.approx(treated[["estimate", "low", "high"]].tolist())
    # By hand: 39 of 115 in the comparator, and the pooled odds ratio put on its odds.
    assert line["assumed"] == pytest.approx(1000 * 39 / 115)
    odds = line["estimate"] * 39 / 76
    assert line["corresponding"] == pytest.approx(1000 * odds / (1 + odds))
    assert (line["k"], line["n"], line["certainty"]) == (3, 230, "low")
    assert line["footnotes"] == "Imprecision, serious: Few events."
    assert line["sentence"] == "Testomycin may lower the risk of fever, compared with nothing."


@pytest.mark.parametrize(
    ("second", "means"),
    [
        ({}, (57.5, 52.5)),
        ({"measured": "final"}, (57.5, 52.5)),
        ({"measured": "change", "value": -9.0}, (None, None)),  # a mean of finals and of changes
        ({"direction": "reversed"}, (None, None)),
        ({"role": "mean-difference", "arm": "drug/none"}, (None, None)),  # prints no mean
    ],
)
def test_a_difference_of_means_is_put_on_the_comparator_s_mean_of_final_values(second, means):
    asked = {"pain": plan.Synthesis.of({**GIVEN, "measure": "MD", "outcome": "pain"})}
    outcomes = plan.outcomes(
        {"pain": {"label": "Pain", "kind": "continuous", "unit": "mm", "good": "lower"}}
    )
    of = {"synthesis": "pain", "arm": "none", "role": "mean", "used": True, "turned": False}
    used = [of | {"value": 50.0, "n": 10.0, "row": 2, "study_id": "a"}]
    used.append(of | {"value": 60.0, "n": 30.0, "row": 3, "study_id": "b"} | second)
    printed = [{"row": 2, "measured": None}, {"row": 3, "measured": None, **second}]
    row = {"synthesis": "pain", "primary": True, "subgroup": "", "k": 2, "n": 80.0}
    row |= {"display_estimate": -5.0, "display_ci_low": -9.0, "display_ci_high": -1.0}
    found = {"pooled": pd.DataFrame([row]), "used": pd.DataFrame(used)}
    found |= {"absolute": tables.empty("pooling/absolute"), "certainty": judged()[:0]}
    found["certainty"] = tables.empty("living/certainty")
    found["effects"] = pd.DataFrame([{"synthesis": "pain", "study_id": s} for s in "ab"])
    found["outcomes"] = pd.DataFrame(printed, columns=["row", "measured", "direction"])
    [line] = findings.summary(found, asked, outcomes, ARMS).to_dict("records")
    if means == (None, None):
        assert pd.isna(line["assumed"])
        assert pd.isna(line["corresponding"])
        return
    assert (line["assumed"], line["corresponding"]) == means
    assert (line["corresponding_low"], line["corresponding_high"], line["unit"]) == (
        48.5,
        56.5,
        "mm",
    )


@pytest.mark.parametrize(
    ("changed", "there"),
    [
        ({}, {"k", "i2", "tau2", "q-p"}),
        ({"tau2_method": "FE", "model": "FE wald"}, {"k", "i2", "q-p"}),
        ({"tau2_method": "FE", "model": "Mantel-Haenszel"}, {"k", "i2", "q-p"}),
        ({"k": 1}, {"k"}),
    ],
)
def test_no_variance_is_told_that_nobody_estimated(found, changed, there):
    known = facts.of_all(found | {"pooled": found["pooled"].assign(**changed)}, ASKED)
    told = set(known.loc[known["domain"] == "inconsistency", "fact"])
    assert told - {"pi-low", "pi-high"} == there


def test_small_means_keep_the_digits_of_their_interval():
    row = {"assumed": 0.00385, "assumed_source": findings.CONTROL_MEANS, "unit": "g"}
    row |= {"corresponding": 0.00407, "corresponding_low": 0.00392, "corresponding_high": 0.00423}
    numbers = Numbers()
    findings_section._risks(numbers, "findings/0", row, "s/REML")
    assert [numbers.text(f"findings/0/{part}") for part in ("assumed", "estimate", "ci")] == [
        "0.00385",
        "0.00407",
        "0.00392 to 0.00423",
    ]


def test_facts_of_small_effects_keep_their_digits():
    pairs = (("estimate", 0.00022), ("ci-low", 0.00007), ("ci-high", 0.00038))
    known = pd.DataFrame(
        [("overall", *pair) for pair in pairs], columns=["domain", "fact", "value"]
    )
    assert show(0.00022, findings_section._exact(known, "MD")) == "0.00022"


def test_a_trial_that_ended_unpublished_since_is_news_to_a_judgement():
    then, now = "k=13; egger-p=0.189; missing=0", "k=13; egger-p=0.189; missing=0; unpublished=2"
    assert facts.moved(then, now) == [("unpublished", "", "2")]
    assert facts.moved(now, then) == [("unpublished", "2", "")]
    assert facts.moved(now, now) == facts.moved("", now) == facts.moved("see table 3", now) == []


def test_a_judgement_is_stale_when_its_facts_have_moved(found):
    known = facts.of_all(found, ASKED)
    now = facts.stamp(known, "fever-or", "imprecision")
    fresh = facts.to_judge(known, judged(("imprecision", "serious", "few"), stamp=now))
    assert set(fresh["moved"]) == {""}
    old = now.replace("events=60", "events=40")
    stale = facts.to_judge(known, judged(("imprecision", "serious", "few"), stamp=old))
    [row] = stale[stale["moved"] != ""].to_dict("records")
    assert (row["domain"], row["moved"]) == ("imprecision", "events: 40, 60")
    assert facts.moved("", now) == []


@given(st.floats(0.001, 99999), st.floats(0.001, 99999))
def test_a_stamp_tells_three_digits(one, other):
    table = pd.DataFrame(
        [("s", "overall", "k", one), ("s", "overall", "n", other)],
        columns=["synthesis", "domain", "fact", "value"],
    )
    said = facts.stamp(table, "s", "overall")
    assert facts.moved(said, said) == []
    numbers = [float(part.split("=")[1]) for part in said.split("; ")]
    assert numbers == pytest.approx([one, other], rel=0.0051)


@pytest.mark.parametrize(
    ("certainty", "side", "of", "said"),
    [
        ("high", 1, "harm", "A lowers the risk of death, compared with b."),
        ("moderate", -1, "harm", "A probably raises the risk of death, compared with b."),
        ("low", 1, "benefit", "A may raise the chance of death, compared with b."),
        ("high", -1, "", "A worsens death, compared with b."),
        ("very-low", 1, "harm", "The evidence is very uncertain about the effect of a on death."),
        (
            "moderate",
            0,
            "",
            "Whether a does better or worse than b for death is probably still open.",
        ),
        ("low", None, "", ""),
        ("", 1, "", "The certainty of this result has not been judged."),
    ],
)
def test_the_sentence_is_as_sure_as_people_were(certainty, side, of, said):
    assert sentence(certainty, side, "a", "b", "death", of) == said


EFFECTS = pd.DataFrame({"synthesis": ["fever-or"], "study_id": ["a"]})
UNUSABLE = pd.DataFrame(
    [
        ("fever-or", s, r)
        for s, r in (
            ("b", "no SD"),
            ("c", "nothing printed on fever"),
            ("d", "nothing printed"),
            ("e", "its risk of bias is high; the synthesis takes low"),
        )
    ],
    columns=["synthesis", "study_id", "reason"],
)
PRINTED = pd.DataFrame({"outcome": ["fever", "fever", "pain"], "study_id": ["a", "b", "c"]})


def missing(tmp_path, *rows, **known):
    path = tmp_path / "rob_me.csv"
    columns = ["synthesis", "study_id", "outcome", "state", "reason", "assessor"]
    pd.DataFrame([dict.fromkeys(columns, "") | row for row in rows])[columns].to_csv(
        path, index=False
    )
    return rob_me.matrix(EFFECTS, UNUSABLE, PRINTED, ASKED, path if rows else None, **known)


def test_the_matrix_tells_what_the_tables_hold_and_people_say_the_rest(tmp_path):
    found = missing(
        tmp_path,
        {
            "outcome": "fever",
            "study_id": "c",
            "state": "Measured but missing",
            "reason": "registered",
        },
        {"synthesis": "fever-or", "state": "high"},
    )
    tables.write(found, tmp_path / "out.csv", "judgement/rob_me")
    said = {r["study_id"]: (r["found"], r["state"]) for r in found.to_dict("records")}
    assert said == {
        "a": ("reported", ""),
        "b": ("not usable", ""),
        "c": ("nothing printed", "measured but missing"),
        "d": ("nothing extracted", ""),
        "": ("", "high"),
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            {"synthesis": "fever-or", "study_id": "a", "state": "measured but missing"},
            "gives an effect",
        ),
        ({"synthesis": "fever-rr", "study_id": "b", "state": "unknown"}, "did you mean fever-or?"),
        (
            {"synthesis": "fever-or", "study_id": "z", "state": "unknown"},
            "no study that a synthesis",
        ),
        ({"synthesis": "fever-or", "study_id": "b", "state": "low"}, "of the synthesis as a whole"),
        ({"synthesis": "fever-or", "state": "unknown"}, "said of a study"),
        ({"study_id": "b", "state": "unknown"}, "name a synthesis or an outcome"),
    ],
)
def test_what_cannot_be_of_a_missing_result_is_told(tmp_path, row, said):
    with pytest.raises(tables.TableError, match="row") as error:
        missing(tmp_path, row)
    assert said in str(error.value)


@pytest.mark.parametrize("of", [{"synthesis": "fever-or"}, {"outcome": "fever"}])
def test_a_registered_trial_that_is_missing_no_longer_counts_nowhere_and_is_told(tmp_path, of):
    row = of | {"study_id": "NCT97000002", "state": "measured but missing"}
    ended = [("fever-or", "NCT97000002", "ended, no report")]
    still = missing(tmp_path, row, unpublished=ended, registered=["NCT97000002"])
    now = missing(tmp_path, row, registered=["NCT97000002"])
    states = [t.set_index("study_id").loc["NCT97000002", ["found", "state"]] for t in (still, now)]
    assert [tuple(state) for state in states] == [
        ("ended, no report", "measured but missing"),
        (rob_me.GONE, ""),
    ]
    with pytest.raises(tables.TableError, match="no study that a synthesis takes"):
        missing(tmp_path, row, registered=["NCT97000003"])


def test_notes_beyond_the_alphabet_keep_letters_of_their_own():
    letters = [findings_section._letter(i) for i in range(60)]
    assert letters[0] == "a"
    assert letters[25:28] == ["z", "aa", "bb"]
    assert len(set(letters)) == 60
