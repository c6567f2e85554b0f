"""Releases, comparisons and searches through the real workflow, on copies of reviews."""

import csv
import io
import json
import shutil

import pytest

from literature_server import Service, serving
from livingmeta import protocol
from livingmeta.living import rewind, versions
from running import ROOT, SMALL, house, review, run, snakemake

pytestmark = pytest.mark.heavy


LAST = "doi:10.5555/tm.12"  # the record that the small review leaves undecided


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def first(home, tmp_path_factory):
    """The small review as of its first search, released as 1.0."""
    folder = tmp_path_factory.mktemp("first") / "review"
    rewind.write(SMALL, "2024-06-30", folder, "1.0")
    run(home, folder, "release")
    return folder


@pytest.fixture
def later(first, finished_run, tmp_path):
    """The small review as it is, version 2.0, with release 1.0 before it."""
    folder = tmp_path / "later"
    finished_run(folder)
    shutil.copytree(first / "releases", folder / "releases")
    version(folder, "2.0")
    return folder


def version(folder, number):
    path = folder / "config/config.yaml"
    path.write_text(rewind.with_version(path.read_text(), number))


def changes(folder) -> tuple[dict, list[dict]]:
    with open(folder / "results/living/changes.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return json.loads((folder / "results/living/changes.json").read_text()), rows


def add(folder, name, line):
    path = folder / "data/raw" / name
    path.write_text(path.read_text() + line + "\n")


def test_an_update_tells_what_moved_each_estimate(home, later):
    add(later, "extraction/studies.csv", "lopez-2023,doi:10.5555/tm.12,Lopez 2023,2023,rct,90")
    for arm, events in (("drug", 9), ("none", 21)):
        add(
            later,
            "extraction/outcomes.csv",
            f"lopez-2023,fever,{arm},0.25,events,{events},45,,,,,,,p. 3",
        )
    add(later, "screening/decisions.csv", f"{LAST},title-abstract,ab,include,,2025-03-01,")
    add(later, "screening/decisions.csv", f"{LAST},full-text,ab,include,,2025-03-02,")
    path = later / "data/raw/extraction/outcomes.csv"
    path.write_text(
        path.read_text().replace("fever,none,0.25,events,17", "fever,none,0.25,events,7")
    )
    run(home, later)
    found, rows = changes(later)
    assert (found["since"], found["version"]) == ("1.0", "2.0")
    state = {s["synthesis"]: s for s in found["syntheses"]}
    attribution = state["fever-or"]["attribution"]
    parts = {part["name"]: part for part in attribution["parts"]}
    assert set(parts) == {"lopez-2023", "ahn-2015"}
    assert parts["lopez-2023"]["because"].endswith("first found by the search of 2025-02-01")
    assert parts["ahn-2015"]["because"] == (
        "printed numbers: fever none at 0.25 events: value 7 now, 17 before"
    )
    moved = state["fever-or"]["after"]["estimate"] - state["fever-or"]["before"]["estimate"]
    assert abs(sum(part["share"] for part in parts.values()) - moved) < 1e-9
    assert state["survival-1y"]["change"] == "none"
    assert found["flow"]["new"] == {"studies": 1, "reports": 1}
    assert found["flow"]["identified"]["records"] == 5
    assert {"record", "cell", "effect", "attribution"} <= {row["kind"] for row in rows}


def test_unchanged_input_gives_an_empty_diff(home, first, tmp_path):
    folder = tmp_path / "same"
    rewind.write(SMALL, "2024-06-30", folder, "1.1")
    shutil.copytree(first / "releases", folder / "releases")
    run(home, folder)
    found, rows = changes(folder)
    assert rows == []
    assert found["text"] == "Nothing has changed since release 1.0."


def test_a_release_is_asked_for_again_and_again_and_never_overwritten(home, later):
    before = (later / "releases/1.0/manifest.json").read_bytes()
    run(home, later, "release")
    told = (later / "results/living/news.txt").read_text(encoding="utf-8")
    assert "since release 1.0: 1 new record waits for a decision" in told
    with open(later / "results/living/news.csv", encoding="utf-8", newline="") as file:
        news = list(csv.DictReader(file))
    assert {row["record_id"] for row in news} == {"", LAST}
    assert all(0 < float(row["weight"]) < 100 for row in news)
    assert (later / "releases/1.0/manifest.json").read_bytes() == before
    frozen = {p.name: p.read_bytes() for p in (later / "releases/2.0").iterdir()}
    run(home, later)
    assert b"What changed since version 1.0" in frozen["report.html"]
    run(home, later, "changes", "--config", "between=2.0,1.0")
    page = (later / "results/living/changes-1.0-2.0.html").read_text(encoding="utf-8")
    assert "Version 2.0 compared with version 1.0" in page
    found, rows = changes(later)
    assert (found["since"], rows) == ("2.0", [])
    assert found["previous"]["since"] == "1.0"
    run(home, later, "release")
    assert {p.name: p.read_bytes() for p in (later / "releases/2.0").iterdir()} == frozen
    add(later, "screening/decisions.csv", f"{LAST},title-abstract,ab,include,,2025-03-01,")
    failed = snakemake(home, later, "release")
    assert failed.returncode != 0
    assert "Raise review.version" in failed.text
    assert {p.name: p.read_bytes() for p in (later / "releases/2.0").iterdir()} == frozen
    version(later, "1.5")
    failed = snakemake(home, later, "release")
    assert "'1.5' comes before 2.0" in failed.text
    assert not (later / "releases/1.5").exists()
    version(later, "2.1")
    run(home, later, "release")
    assert (later / "releases/2.1/manifest.json").exists()


def test_the_same_state_gives_the_same_bytes_anywhere(home, first, tmp_path):
    folder = tmp_path / "elsewhere"
    rewind.write(SMALL, "2024-06-30", folder, "1.0")
    run(home, folder, "release")
    here, there = (
        {p.name: p.read_bytes() for p in (where / "releases/1.0").iterdir()}
        for where in (folder, first)
    )
    assert here == there


def test_the_default_run_neither_releases_nor_searches(home, finished_run, tmp_path):
    folder = tmp_path / "plain"
    finished_run(folder)
    assert not (folder / "releases").exists()
    assert not (folder / "results/logs/search.log").exists()
    found, rows = changes(folder)
    assert (found["since"], rows) == (None, [])
    assert run(home, folder).text.count("Nothing to be done") == 1


def test_a_search_through_the_workflow(home, tmp_path, monkeypatch):
    folder = review(tmp_path / "searched", SMALL)
    config = folder / "config/config.yaml"
    config.write_text(config.read_text() + "search:\n  pubmed: testomycin[tiab]\n")
    with serving(Service(["2026-01-01"] * 3)) as address:
        for name in ("PUBMED", "EUROPE_PMC", "CROSSREF"):  # included reports are looked up in all
            monkeypatch.setenv(f"LIVINGMETA_{name}", address)
        run(home, folder, "search")
        again = run(home, folder, "search")
    assert "run today already" in again.text
    with open(folder / "data/raw/searches/searches.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["hits"] for row in rows] == ["4", "5", "5", "3"]
    run(home, folder)
    with open(folder / "results/screening/awaiting.csv", newline="") as file:
        awaiting = {row["record_id"] for row in csv.DictReader(file)}
    assert {f"doi:10.5555/search.{i}" for i in range(3)} <= awaiting


def test_the_shipped_release_is_what_its_first_search_found(home, tmp_path):
    """Release 1.0 is the HCC review of 1 May 2022. It stays as it was released: since then the
    protocol has more syntheses, and numbers of its studies were added or corrected."""
    folder = tmp_path / "hcc"
    rewind.write(ROOT, "2022-05-01", folder, "1.0")
    run(home, folder, "release")
    shipped, made = (
        {p.name: p.read_bytes() for p in (where / "releases/1.0").iterdir()}
        for where in (ROOT, folder)
    )
    assert set(shipped) == set(made) - {"report.html"}  # not kept yet when it was made
    assert sum(map(len, shipped.values())) < 300_000
    boxes, today = (json.loads(of["flow.json"]) for of in (shipped, made))
    for flow in (boxes, today):  # two excluded reports have their numbers written down since
        del flow["included"]["studies_without_included_report"]
    del today["retrieval"]  # not counted yet when it was made
    assert boxes == today

    def told(of, name, *columns):
        table = csv.DictReader(io.StringIO(of[name].decode(), newline=""))
        return [tuple(row[c] for c in columns) if columns else row for row in table]

    for before, now in zip(*(told(of, "records.csv") for of in (shipped, made)), strict=True):
        assert before == {column: now[column] for column in before}
    for name, columns in {
        "studies.csv": ("study_id", "status"),
        "outcomes.csv": ("study_id", "outcome", "arm", "time", "statistic", "value"),
    }.items():
        before, now = (told(of, name, *columns) for of in (shipped, made))
        assert before
        assert not set(before) - set(now), name
    old, new = (json.loads(of["protocol.json"]) for of in (shipped, made))
    asked = protocol.with_defaults({"extraction": {}} | old)["syntheses"]
    for name, synthesis in asked.items():
        assert synthesis | {"title": new["syntheses"][name]["title"]} == new["syntheses"][name]
    listed = json.loads(shipped["manifest.json"])
    for name, content in shipped.items():
        if name != "manifest.json":
            assert listed["files"][name] == versions.digest(content)


def test_the_shipped_review_is_its_latest_release(home, finished_run, tmp_path):
    """What people brought is what was frozen. Numbers may move with the program, which is told."""
    folder = tmp_path / "hcc"
    finished_run(folder, ROOT)
    shutil.copytree(ROOT / "releases", folder / "releases")
    run(home, folder, "compare")
    found, rows = changes(folder)
    assert found["since"] == protocol.read(ROOT / "config/config.yaml")["review"]["version"]
    assert {row["kind"] for row in rows} <= {"effect", "estimate", "attribution", "guard rail"}
    assert found["previous"]["since"] == "1.0"
