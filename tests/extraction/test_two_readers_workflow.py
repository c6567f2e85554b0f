"""Two people's extraction and a machine's proposals through the whole workflow."""

import csv
import json

import pytest

from running import review, run
from test_workflow import ROOT

pytestmark = pytest.mark.heavy

EXTRACTION = "data/raw/extraction"
# What Ann reads otherwise: a number, a year, a design that is not by lot, a judgement.
SAID = {"outcomes": ("drug,12,survival,70,", "drug,12,survival,71,")}
SAID["studies"] = ("Ahn 2015,2015,randomised", "Ahn 2015,2016,cohort")
BIAS = "study_id,outcome,tool,domain,judgement,score,support,assessor\n"
BIAS += "bauer-2016,fever,RoB 2,overall,{},,,{}\n"
FOUND = "study_id,outcome,arm,time,statistic,value,n,unit,source,extractor\n"
# One where people differ, one that both read, one that nobody has read.
FOUND += "ahn-2015,survival,drug,12,survival,69,40,%,Table 2,bot\n"
FOUND += "bauer-2016,survival,drug,12,survival,99,30,%,p. 3,bot\n"
FOUND += "costa-2017,fever,drug,0.25,events,1,40,,p. 3,bot\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small review, read by kim and ann in files of their own."""
    here = review(tmp_path_factory.mktemp("read-twice"))
    for name, (kim, ann) in SAID.items():
        own = here / EXTRACTION / f"{name}.csv"
        text = own.read_text(encoding="utf-8")
        assert text.count(kim) == 1
        for who, of in (("kim", text), ("ann", text.replace(kim, ann))):
            (own.parent / f"{name}-{who}.csv").write_text(of, encoding="utf-8")
        own.unlink()
    bias = BIAS.format("low", "kim") + "bauer-2016,fever,RoB 2,overall,high,,,ann\n"
    (here / EXTRACTION / "risk_of_bias.csv").write_text(bias, encoding="utf-8")
    run(ROOT, here, "--until", "render")
    return here


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def made(folder):
    """The bytes of all that is computed from what people read."""
    paths = sorted(p for of in ("effects", "pooling") for p in (folder / "results" / of).glob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_what_two_read_differently_waits_and_its_study_with_it(folder):
    waits = [row["kind"] for row in rows(folder / "results/to_settle.csv")]
    assert waits.count("conflict-of-extractors") == 1
    assert waits.count("conflict-on-study") == 2
    assert waits.count("conflict-of-assessors") == 1
    aside = {r["study_id"]: r for r in rows(folder / "results/effects/unusable.csv")}["ahn-2015"]
    assert "differ on its randomisation" in aside["reason"]
    assert aside["unsettled"] == "true"
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    assert "On the studies themselves" in text
    shares = {
        (r["table"], r["field"]): r for r in rows(folder / "results/extraction/agreement.csv")
    }
    of = shares["outcomes", "all"]
    assert int(of["compared"]) - int(of["agree"]) == 1
    assert shares["studies", "year"]["agree"] == "4"
    assert shares["risk_of_bias", "RoB 2"]["agree"] == "0"


def test_proposals_of_a_machine_change_no_effect_and_no_result(folder):
    before = made(folder)
    (folder / "data/raw/reviewers.csv").write_text("reviewer,kind\nbot,machine\n", encoding="utf-8")
    (folder / EXTRACTION / "proposals.csv").write_text(FOUND, encoding="utf-8")
    run(ROOT, folder, "--until", "pool", "verify", "settle")
    told = rows(folder / "results/extraction/proposals.csv")
    assert [row["state"] for row in told] == ["open", "wrong", "new"]
    assert made(folder) == before
    cases = json.loads((folder / "results/extraction/side_by_side.json").read_text())["cases"]
    (number,) = [case for case in cases if case["kind"] == "numbers"]
    assert [side["cells"]["value"] for side in number["machines"]] == ["69"]


def test_rows_of_consensus_settle_all_of_it_where_they_are_dropped(folder):
    """As the page writes them; of the number neither is right."""
    cases = json.loads((folder / "results/extraction/side_by_side.json").read_text())["cases"]
    own = {"numbers": ("outcomes", "extractor"), "bias": ("risk_of_bias", "assessor")}
    dropped = {}
    for case in cases:
        name, who = own.get(case["kind"], ("studies", ""))
        row = case["fixed"] | case["sides"][1]["cells"] | ({who: "consensus"} if who else {})
        row |= {"value": "74"} if name == "outcomes" else {}
        last = dropped.setdefault(name, [{}])
        last[0] |= row
    for name, found in dropped.items():
        path = folder / EXTRACTION / f"{name}-consensus-2026-11-28.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]))
            writer.writeheader()
            writer.writerows(found)
    run(ROOT, folder, "--until", "settle")
    waits = [row["kind"] for row in rows(folder / "results/to_settle.csv")]
    assert not any(kind.startswith("conflict-o") for kind in waits)
    readings = rows(folder / "results/extraction/readings.csv")
    assert [row["settled_as"] for row in readings if row["settled_as"]] == ["neither"]
    used = [row["value"] for row in rows(folder / "results/effects/used.csv")]
    assert "0.74" in used
    assert "extraction/settle.html" not in run(ROOT, folder, "--until", "settle").text
