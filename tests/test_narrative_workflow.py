"""A review told and not pooled, through the whole workflow."""

import json
import re
import zipfile

import pytest
import yaml

from running import ROOT, run
from test_workflow import rows

SCORES = """ahn-2015,score,drug/none,,mean-difference,3.5,80,0.5,6.5,95,,,randomised,p. 4
bauer-2016,score,drug/none,,standardised-mean-difference,0.3,60,-0.2,0.8,95,,,,p. 4
dlamini-2018,score,drug/none,,standardised-mean-difference,-0.1,90,-0.5,0.3,95,,,,p. 4
"""
TOLD = {
    "fever-told": {"title": "Fever", "outcome": "fever", "measure": "RR", "narrative": True},
    "well-being": {
        "title": "Well-being",
        "outcome": "score",
        "measure": "MD",
        "other_measures": ["SMD"],
        "subgroups": ["design"],
    },
    "survival-ahn": {
        "title": "Survival in one trial",
        "outcome": "survival",
        "measure": "HR",
        "include": {"study_id": ["ahn-2015"]},
    },
}


@pytest.fixture(scope="module")
def told(finished_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    finished_run(folder)
    config = folder / "config/config.yaml"
    plan = yaml.safe_load(config.read_text(encoding="utf-8"))
    plan["outcomes"]["score"] = {"label": "Well-being", "kind": "continuous", "good": "higher"}
    plan["syntheses"] |= {name: s | {"arms": ["drug", "none"]} for name, s in TOLD.items()}
    config.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    with open(folder / "data/raw/extraction/outcomes.csv", "a", encoding="utf-8") as file:
        file.write(SCORES)
    run(ROOT, folder)
    return folder


@pytest.mark.heavy
def test_what_is_told_is_told_everywhere_and_pooled_nowhere(told):
    counted = {row["synthesis"]: row for row in rows(told, "pooling/narrative") if not row["group"]}
    assert {name: row["why"] for name, row in counted.items()} == {
        "fever-told": "protocol",
        "well-being": "different measures",
        "survival-ahn": "one study",
    }
    models = {(row["synthesis"], row["model"]) for row in rows(told, "pooling/pooled")}
    told_models = {pair for pair in models if pair[0] in TOLD}
    assert told_models == {("survival-ahn", "single study")}
    because = {row["synthesis"]: row["parameters"] for row in rows(told, "pooling/decisions")}
    assert '[["MD", 1], ["SMD", 2]]' in because["well-being"]
    assert "protocol" in because["fever-told"]
    page = (told / "results/report.html").read_text(encoding="utf-8")
    for name in TOLD:
        assert f'id="figure-direction-{name}"' in page
        assert f'id="table-{name}-told"' in page
        assert f'id="table-{name}-models"' not in page
        svg = (told / f"results/figures/direction-{name}.svg").read_text(encoding="utf-8")
        assert svg.count('id="arrow-') == int(counted[name]["k"])
    # No diamond: nothing but squares of studies is filled in the colour of studies alone.
    forest = (told / "results/figures/forest-fever-told.svg").read_text(encoding="utf-8")
    assert "#c04f15" not in forest
    numbers = {e["id"]: e["text"] for e in json.loads((told / "results/numbers.json").read_text())}
    assert numbers["well-being/told/first"] == "2"
    assert numbers["well-being/told/clear"] == "3"
    assert numbers["fever-told/told/median"] == "0.47"
    word = zipfile.ZipFile(told / "results/report.docx").read("word/document.xml").decode()
    assert "direction-well-being" in word
    assert re.search("with a direction", word)
    assert (told / "results/report.pdf").read_bytes().startswith(b"%PDF")
    shown = json.loads((told / "results/figures/drawn.json").read_text(encoding="utf-8"))
    assert shown["direction-well-being"]["wide"] > 100
