"""Several effects of one study, through the whole workflow: told, drawn, packed, and compared."""

import csv
import json

import pytest
import yaml

import printed_text
from report.test_every_number import of_workflow
from running import ROOT, review, run
from test_workflow import rows

pytestmark = pytest.mark.heavy

HEAD = "study_id,outcome,arm,time,statistic,value,n,ci_low,ci_high,ci_level,p_value,unit"
HEAD += ",adjusted,source,part,invented"
# (study, part, mean difference, patients); each with a 95% interval of 0.9 to either side.
SCORES = [
    *[("ahn-2015", "", x, 80) for x in (0.4, 1.2, 2.1)],
    *[("bauer-2016", part, x, n) for part, x, n in (("women", 0.6, 35), ("men", 1.7, 25))],
    ("costa-2017", "", 0.9, 40),
    ("dlamini-2018", "", -0.2, 90),
    *[("eriksen-2019", "", x, 55) for x in (1.4, 0.8)],
]
ASKED = {
    "score": {},
    "score-robust": {"several": "robust", "subgroups": ["design"]},
    "score-told": {"narrative": True},
    "score-two": {"include": {"study_id": ["bauer-2016", "dlamini-2018"]}},
    "score-one": {"include": {"study_id": ["ahn-2015"]}},
    "score-plain": {"include": {"study_id": ["costa-2017", "dlamini-2018"]}},
}


def score(study, part, value, n):
    low, high = f"{value - 0.9:.1f}", f"{value + 0.9:.1f}"
    return f"{study},score,drug/none,,mean-difference,{value},{n},{low},{high},95,,,,p. 4,{part},"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = review(tmp_path_factory.mktemp("several") / "review")
    config = folder / "config/config.yaml"
    plan = yaml.safe_load(config.read_text(encoding="utf-8"))
    plan["outcomes"]["score"] = {"label": "Well-being", "kind": "continuous", "good": "higher"}
    usual = {"outcome": "score", "measure": "MD", "arms": ["drug", "none"], "several": "multilevel"}
    plan["syntheses"] = {
        name: usual | {"title": name.replace("-", " ")} | more for name, more in ASKED.items()
    }
    config.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    path = folder / "data/raw/extraction/outcomes.csv"
    path.write_text("\n".join([HEAD, *(score(*row) for row in SCORES), ""]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def printed(folder, tmp_path_factory):
    return of_workflow(folder, tmp_path_factory.mktemp("printed"))


def test_every_printed_number_is_of_the_register(printed):
    assert printed.marked_otherwise() == []
    assert printed.on_the_page() == []
    assert printed.drawn() == []


def test_each_effect_is_an_effect_and_studies_are_counted(folder):
    run(ROOT, folder, "release")
    run(ROOT, folder)
    effects = [row for row in rows(folder, "effects/effects") if row["synthesis"] == "score"]
    assert len(effects) == 9
    assert [row["effect_name"] for row in effects if row["study_id"] == "bauer-2016"] == [
        *("men", "women")
    ]
    pooled = {
        (row["synthesis"], row["subgroup"]): row
        for row in rows(folder, "pooling/pooled")
        if row["primary"] == "true" or row["subgroup"]
    }
    whole = pooled["score", ""]
    assert (whole["model"], whole["k"], whole["effects"]) == ("multilevel", "5", "9")
    # Patients of two parts are added up, those of three effects are counted once.
    assert whole["n"] == str(80 + 60 + 40 + 90 + 55)
    assert pooled["score-robust", ""]["interval"] == "CR2"
    assert pooled["score-robust", "design=randomised"]["effects"] == "5"
    assert pooled["score-two", ""]["k"] == "2"
    assert ("score-told", "") not in pooled
    assert (pooled["score-one", ""]["model"], pooled["score-one", ""]["effects"]) == (
        *("single study", ""),
    )
    told = {row["synthesis"]: row for row in rows(folder, "pooling/narrative")}
    assert (told["score-told"]["k"], told["score-told"]["first"]) == ("5", "4")
    numbers = {
        e["id"]: e["text"] for e in json.loads((folder / "results/numbers.json").read_text())
    }
    assert (numbers["score/k"], numbers["score/effects"]) == ("5", "9")
    assert numbers["score/study/bauer-2016/men/estimate"] == "1.70"
    weights = [numbers[f"score/study/ahn-2015/effect {name}/weight"] for name in "abc"]
    assert len(set(weights)) == 1
    forest = (folder / "results/figures/forest-score.svg").read_text(encoding="utf-8")
    drawn = " ".join(line for _, line in printed_text.in_figure(forest))  # labels may be wrapped
    for label in ("Ahn 2015 (effect c)", "Bauer 2016 (men)", "9 effects of 5 studies"):
        assert label in drawn
    page = (folder / "results/report.html").read_text(encoding="utf-8")
    assert "multilevel model of effects within studies" in page
    rails = {(row["synthesis"], row["rule"]) for row in rows(folder, "pooling/decisions")}
    assert {
        ("score", "several-effects"),
        ("score-one", "several-of-one-study"),
        ("score-plain", "no-several-effects"),
    } <= rails


def test_a_release_with_several_is_compared(folder):
    changed = folder / "data/raw/extraction/outcomes.csv"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace(score("ahn-2015", "", 2.1, 80), score("ahn-2015", "", 1.5, 80)))
    config = folder / "config/config.yaml"
    plan = yaml.safe_load(config.read_text(encoding="utf-8"))
    plan["review"]["version"] = "2.0"
    config.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    run(ROOT, folder)
    found = json.loads((folder / "results/living/changes.json").read_text(encoding="utf-8"))
    state = {s["synthesis"]: s for s in found["syntheses"]}
    (effect,) = state["score"]["effects"]
    # The average of 0.4, 1.2 and 2.1, then 1.5: all of one variance.
    assert effect["study_id"] == "ahn-2015"
    assert effect["before"]["yi"] == pytest.approx(3.7 / 3)
    assert effect["after"]["yi"] == pytest.approx(3.1 / 3)
    share = state["score"]["attribution"]
    assert (share["method"], share["parts"]) == ("none", [])
    assert "multilevel is no model that mixtures" in share["note"]
    with open(folder / "results/living/changes.csv", encoding="utf-8", newline="") as file:
        assert any(row["synthesis"] == "score" for row in csv.DictReader(file))
