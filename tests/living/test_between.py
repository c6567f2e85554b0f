"""`snakemake changes`: any two releases beside one another."""

import shutil

import pytest

from livingmeta import tables
from livingmeta.living import versions
from livingmeta.report.page import between
from running import ROOT


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    """The releases of this repository, and a third of the same content as the second."""
    folder = tmp_path_factory.mktemp("review")
    shutil.copytree(ROOT / "releases", folder / "releases")
    shutil.copytree(folder / "releases" / "2.0", folder / "releases" / "2.10")
    return folder


def test_two_releases_are_compared_whatever_their_order(review):
    said = between.write({"between": "2.10, 1.0"}, review)
    assert said[0].startswith("Compared with release 1.0:")
    assert said[1].startswith("Written: results/living/changes-1.0-2.10.html")
    page = (review / "results/living/changes-1.0-2.10.html").read_text(encoding="utf-8")
    assert "Version 2.10 compared with version 1.0" in page
    rows = tables.read(review / "results/living/changes-1.0-2.10.csv", "living/changes")
    assert {"record", "study", "estimate", "attribution"} <= set(rows["kind"])


def test_two_releases_of_one_state_do_not_differ(review):
    assert between.write({"between": "2.0,2.10"}, review)[0] == (
        "Nothing has changed since release 2.0."
    )
    rows = tables.read(review / "results/living/changes-2.0-2.10.csv", "living/changes")
    assert len(rows) == 0


def test_a_page_on_a_release_that_was_made_anew_is_removed_and_told(review, tmp_path):
    shutil.copytree(review / "releases", tmp_path / "releases")
    for pair in ("1.0,2.0", "2.0,2.10"):
        between.write({"between": pair}, tmp_path)
    assert versions.drop_stale(tmp_path) == []
    manifest = tmp_path / "releases/1.0/manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    (said,) = versions.drop_stale(tmp_path)
    assert said.startswith("Removed: results/living/changes-1.0-2.0.html and .csv beside it;")
    left = sorted(path.name for path in (tmp_path / "results/living").iterdir())
    assert left == ["changes-2.0-2.10.csv", "changes-2.0-2.10.html"]
    shutil.rmtree(tmp_path / "releases/2.10")
    assert len(versions.drop_stale(tmp_path)) == 1
    assert list((tmp_path / "results/living").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "by their versions"),
        ({"between": 1.0}, "by their versions"),
        ({"between": "1.0"}, "by their versions"),
        ({"between": "1.0,1.0"}, "by their versions"),
        ({"between": "1.0,2.0", "title": "x"}, "by their versions"),
        ({"between": "1.0,3.0"}, "no 3.0; it has 1.0, 2.0, 2.10"),
        ({"between": "../x,3.0"}, r"no \.\./x and no 3.0"),
    ],
)
def test_what_is_no_pair_of_releases_is_refused(review, given, said):
    with pytest.raises(between.BetweenError, match=said):
        between.write(given, review)
