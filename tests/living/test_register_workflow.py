"""A plan that is registered, changed, amended and released, through the real workflow."""

import csv
import json

import pytest

from running import house, run, snakemake

pytestmark = pytest.mark.heavy


def table(folder, name):
    with open(folder / "results" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_plan_is_registered_once_and_what_differs_is_marked_until_a_reason_stands(
    finished_run, tmp_path
):
    home, folder = house(tmp_path / "home"), tmp_path / "review"
    finished_run(folder)
    config = folder / "config/config.yaml"
    assert "prespecified" not in table(folder, "pooling/pooled")[0]
    assert not [r for r in table(folder, "to_settle") if r["kind"] == "change-without-reason"]

    said = run(home, folder, "register").text
    assert "14 printed numbers of outcomes stood already" in said
    [plan] = (folder / "config/registered").iterdir()
    first = plan.read_bytes()
    assert json.loads(first)["outcome_rows"] == 14
    assert "is this very protocol; nothing to do" in run(home, folder, "register").text
    assert [p.read_bytes() for p in plan.parent.iterdir()] == [first]

    config.write_text(config.read_text().replace("time: 12", "time: 12\n    routes: [G, A]"))
    run(home, folder, "release")
    pooled = table(folder, "pooling/pooled")
    assert {r["prespecified"] for r in pooled if r["synthesis"] == "survival-1y"} == {"changed"}
    assert {r["prespecified"] for r in pooled if r["synthesis"] == "fever-or"} == {"planned"}
    [row] = [r for r in table(folder, "to_settle") if r["kind"] == "change-without-reason"]
    assert row["what"].startswith("syntheses.survival-1y.routes: added after data")
    frozen = folder / "releases/1.0"
    assert (frozen / f"registered-{plan.name}").read_bytes() == first
    assert (
        plan.relative_to(folder).as_posix()
        in json.loads((frozen / "manifest.json").read_text())["inputs"]
    )
    assert "Not as planned: changed since the plan" in (frozen / "report.html").read_text()

    prose = folder / "data/raw/prose"
    prose.mkdir()
    (prose / "amendments.md").write_text("- survival-1y: curves are the better source here.\n")
    said = run(home, folder, "register").text
    assert f"an amendment of the plan of {plan.stem}" in said
    assert len(list(plan.parent.iterdir())) == 2
    assert plan.read_bytes() == first
    run(home, folder, "settle")
    [row] = table(folder, "living/amendments")
    assert (row["amended"], row["reason"]) == ("after data", "curves are the better source here.")
    assert not [r for r in table(folder, "to_settle") if r["kind"] == "change-without-reason"]

    plan.write_bytes(first.replace(b'"outcome_rows": 14', b'"outcome_rows": 0'))
    stopped = snakemake(home, folder, "settle")
    assert stopped.returncode != 0
    assert "is not as it was registered" in stopped.text
