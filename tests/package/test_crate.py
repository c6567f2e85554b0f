"""The RO-Crate: every file described, every digest right, nothing of the day or the machine."""

import hashlib
import json

import pytest

from livingmeta import plan
from livingmeta.archive import unzipped
from livingmeta.files import write
from livingmeta.package import crate
from made_up_review import protocol

INPUTS = {"data/raw/a.csv": b"a\n1\n", "config/config.yaml": b"review:\n"}
OUTPUTS = {"results/report.html": b"<html>", "results/numbers.json": b"[]"}


def described(**changed):
    given = {"searched_to": "2022-05-01", "lock": b"numpy==1", "commit": "abc"} | changed
    review = plan.Review.of(protocol()["review"] | {"authors": ["Family, Given"]})
    return crate.metadata(review, INPUTS, OUTPUTS, **given)


def by_id(content):
    graph = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(graph) == len(content["@graph"])
    return graph


def test_the_descriptor_and_the_root_are_what_version_1_1_asks():
    graph = by_id(described())
    about, root = graph["ro-crate-metadata.json"], graph["./"]
    assert about["@type"] == "CreativeWork"
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert about["about"] == {"@id": "./"}
    assert root["@type"] == "Dataset"
    assert root["datePublished"] == "2022-05-01"
    assert all(root[key] for key in ("name", "description", "license"))


def test_every_file_of_the_bundle_is_described_with_its_digest():
    content = described()
    files = unzipped(crate.bundle(content, {**INPUTS, **OUTPUTS}))
    assert json.loads(files.pop("ro-crate-metadata.json")) == content
    graph = by_id(content)
    assert [part["@id"] for part in graph["./"]["hasPart"]] == sorted(files)
    for path, held in files.items():
        assert graph[path]["@type"] == "File"
        assert graph[path]["sha256"] == hashlib.sha256(held).hexdigest()
        assert graph[path]["contentSize"] == str(len(held))


def test_every_reference_leads_to_an_entity():
    content = described()
    graph = by_id(content)

    def references(value):
        if isinstance(value, list):
            return [r for part in value for r in references(part)]
        return [value["@id"]] if isinstance(value, dict) and set(value) == {"@id"} else []

    wanted = {r for e in content["@graph"] for v in e.values() for r in references(v)}
    assert wanted - set(graph) == {"https://w3id.org/ro/crate/1.1"}


def test_the_run_ties_results_to_what_was_brought_and_to_the_code():
    graph = by_id(described())
    run = graph["#run"]
    assert [e["@id"] for e in run["object"]] == sorted(INPUTS)
    assert [e["@id"] for e in run["result"]] == sorted(OUTPUTS)
    assert graph[run["instrument"]["@id"]]["softwareVersion"] == "abc"
    assert graph["#requirements"]["sha256"] == hashlib.sha256(b"numpy==1").hexdigest()


def test_without_git_and_without_a_search_nothing_is_made_up():
    graph = by_id(described(commit="", searched_to="", lock=b""))
    assert "#requirements" not in graph
    assert "softwareRequirements" not in graph["#livingmeta"]
    assert "softwareVersion" not in graph["#livingmeta"]
    assert "datePublished" not in graph["./"]


def test_the_same_review_gives_the_same_bytes():
    assert crate.bundle(described(), INPUTS) == crate.bundle(described(), INPUTS)


def test_no_commit_outside_git(tmp_path):
    assert crate.commit(tmp_path) == ""


def test_files_of_the_review_give_the_same_crate_as_their_content(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = {"data/raw/a.csv": b"y" * 100_000, "data/raw/b.csv": b"x"}
    for path, held in content.items():
        write(held, path)
    places = crate.places(["data/raw/b.csv", "data/raw/a.csv"])
    assert list(places) == list(content)
    review = plan.Review.of(protocol()["review"])
    made = [
        crate.bundle(crate.metadata(review, i, {}, searched_to="", lock=b"", commit=""), i)
        for i in (places, content)
    ]
    assert made[0] == made[1]
    with pytest.raises(FileNotFoundError):
        crate.bundle({}, crate.places(["nowhere.csv"]))
