"""Doses joined to one arm, and two comparisons of one trial, through the whole workflow."""

import pytest
import yaml

from running import ROOT, run
from test_workflow import rows

pytestmark = pytest.mark.heavy
HOW = ("settle", "join", "share")
# Ahn's patients had two doses; Dlamini's second dose stands as a study of its own.
DOSES = """ahn-2015,fever,low,0.25,events,5,20,,,,,,,p. 3
ahn-2015,fever,high,0.25,events,3,20,,,,,,,p. 3
dlamini-high,fever,drug,0.25,events,7,44,,,,,,,p. 3
dlamini-high,fever,none,0.25,events,13,45,,,,,,,p. 3
"""


@pytest.fixture(scope="module", params=HOW)
def done(request, finished_run, tmp_path_factory):
    """The small review with two doses, run as far as its list of what waits; and how it counts."""
    folder = tmp_path_factory.mktemp(request.param)
    finished_run(folder)
    config = folder / "config/config.yaml"
    plan = yaml.safe_load(config.read_text(encoding="utf-8"))
    plan["arms"] |= {"low": {"label": "10 mg"}, "high": {"label": "20 mg"}}
    plan["arms"]["drug"]["joins"] = ["low", "high"]
    plan["syntheses"]["fever-or"]["shared_control"] = request.param
    config.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    raw = folder / "data/raw/extraction"
    lines = (raw / "outcomes.csv").read_text().splitlines()
    whole = "ahn-2015,fever,drug"
    kept = [line for line in lines if not line.startswith(whole)]
    assert len(kept) == len(lines) - 1
    (raw / "outcomes.csv").write_text("\n".join(kept) + "\n" + DOSES)
    studies = (raw / "studies.csv").read_text()
    (raw / "studies.csv").write_text(
        studies + "dlamini-high,pmid:90000004,Dlamini 2018 (high),2018,comparative,89\n"
    )
    run(ROOT, folder, "settle")
    return folder, request.param


def test_doses_are_one_arm_and_a_control_counts_as_the_protocol_says(done):
    folder, how = done
    effects = {r["study_id"]: r for r in rows(folder, "effects/effects") if "or" in r["synthesis"]}
    ahn = effects["ahn-2015"]
    assert [float(ahn[c]) for c in ("ai", "bi", "ci", "di")] == [8, 32, 17, 23]
    assert "drug joined from low (n 20) and high (n 20)" in ahn["assumed"]
    used = [r for r in rows(folder, "effects/used") if r["study_id"] == "ahn-2015"]
    assert [r["arm"] for r in used if r["role"] == "events"] == ["low", "high", "none"]
    patients = {"settle": 90 + 89, "join": 134, "share": 134}[how]
    assert sum(float(e["n"]) for s, e in effects.items() if "dlamini" in s) == patients
    pooled = [r for r in rows(folder, "pooling/pooled") if r["synthesis"] == "fever-or"]
    assert {r["k"] for r in pooled} == {"3" if how == "join" else "4"}


def test_what_counts_once_waits_for_nobody(done):
    folder, how = done
    waits = [r for r in rows(folder, "to_settle") if "dlamini-high" in r["what"] + r["study_id"]]
    kinds = [r["kind"] for r in waits if r["weight"] == "result"]
    assert kinds == (["shared-arm"] if how == "settle" else [])
    if how == "settle":
        assert waits[0]["what"].startswith(
            "dlamini-2018 and dlamini-high: the same numbers of none"
        )
        assert "join makes one effect" in waits[0]["cure"]
        assert "share divides the group" in waits[0]["cure"]
