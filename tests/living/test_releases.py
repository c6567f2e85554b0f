"""Versions, frozen releases, cumulative results, conclusions and the items of PRISMA-LSR."""

import hashlib
import json

import pandas as pd
import pytest

from livingmeta import plan
from livingmeta.living import changes, conclusions, cumulative, prisma_lsr, release, state, versions
from livingmeta.pooling.engines.models import fit
from running import ROOT
from states import TRIALS, make, protocol

SCHEMAS = {name: f"living/{name}" for name in (*state.TABLES, *state.OF_CURVES)}
FIRST = {name: TRIALS[name] for name in ("ahn", "bauer", "costa")}


def test_versions_are_put_in_order_by_number(tmp_path):
    for name in ("1.10", "1.9", "2.0", "1.9.1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / versions.MANIFEST).write_text("{}")
    (tmp_path / "3.0").mkdir()  # never finished: no manifest
    assert versions.released(tmp_path) == ["1.9", "1.9.1", "1.10", "2.0"]
    assert versions.released(tmp_path / "nowhere") == []
    (tmp_path / "2.0").rename(tmp_path / "v2.0")
    with pytest.raises(versions.VersionError, match=r"v2\.0 holds a release, and its name"):
        versions.released(tmp_path)


def test_a_release_older_than_a_key_of_the_protocol_has_its_default():
    folder = ROOT / "releases" / "1.0"
    assert "extraction" not in json.loads((folder / "protocol.json").read_text())
    found = state.of_release(folder, SCHEMAS)
    assert found.asked.extraction.until_settled == "leave-out"
    assert {one.several for one in found.asked.syntheses.values()} == {"settle"}


def test_a_release_that_was_changed_is_refused_by_the_name_of_the_file(tmp_path):
    review, flow = make(FIRST).asked.review, make(FIRST).flow
    frozen = {"effects.csv": b"1", "pooled.csv": b"2"}
    folder = tmp_path / "1.0"
    release.freeze(folder, frozen, release.manifest(review, flow, frozen, []))
    versions.must_be_as_released(folder)
    for change in (lambda p: p.write_bytes(b"3"), lambda p: p.unlink()):
        change(folder / "pooled.csv")
        with pytest.raises(versions.VersionError, match=r"1\.0: pooled\.csv is not as it was"):
            versions.must_be_as_released(folder)
    (folder / versions.MANIFEST).write_text("{}")
    with pytest.raises(versions.VersionError, match=r"manifest\.json is not as it was"):
        versions.must_be_as_released(folder)


def test_a_release_that_a_run_has_read_may_not_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {"releases/1.0/manifest.json", "releases/1.0/effects.csv", "data/raw/manifest.json"}
    versions.must_stand(set())
    with pytest.raises(versions.VersionError, match=r"^releases/1\.0: gone, .*compare\.done"):
        versions.must_stand(known)
    (tmp_path / "releases/1.0").mkdir(parents=True)  # its files went elsewhere
    with pytest.raises(versions.VersionError, match="Put it back"):
        versions.must_stand(known)
    (tmp_path / "releases/1.0/manifest.json").touch()
    versions.must_stand(known)


@pytest.mark.parametrize("version", ["", "v1", "1.", "1.0-rc1", "../1", "1/2"])
def test_a_version_without_an_order_is_refused(version):
    with pytest.raises(versions.VersionError, match=r"review\.version"):
        versions.parse(version)


def test_no_release_comes_before_one_that_is_out():
    known = ["1.0", "1.1", "1.10"]
    for version in ("1.11", "2.0", "1.0", "1.10"):
        versions.must_follow(version, known)
    for version in ("1.2", "0.9"):
        with pytest.raises(versions.VersionError, match=r"comes before 1\.10.*Raise it above"):
            versions.must_follow(version, known)
    versions.must_follow("0.1", [])


def test_a_release_is_written_once_and_never_over(tmp_path):
    frozen = {"effects.csv": b"a\n1\n", "flow.json": b"{}\n"}
    folder = tmp_path / "releases" / "1.0"
    assert release.freeze(folder, frozen, "{}\n")
    assert not release.freeze(folder, frozen, "{}\n")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(release.ReleaseError, match=r"effects\.csv differs.*Raise review\.version"):
        release.freeze(folder, {**frozen, "effects.csv": b"a\n2\n"}, "{}\n")
    with pytest.raises(release.ReleaseError, match=r"more\.csv differs"):
        release.freeze(folder, {**frozen, "more.csv": b""}, "{}\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_report_of_a_release_is_kept_as_it_read_then(tmp_path):
    folder, frozen = tmp_path / "1.0", {"effects.csv": b"a\n", "report.html": b"then"}
    assert release.as_it_reads(folder, frozen) == frozen
    listed = json.dumps({"files": {n: versions.digest(of) for n, of in frozen.items()}})
    assert release.freeze(folder, frozen, listed)
    now = release.as_it_reads(folder, frozen | {"report.html": b"now"})
    assert now == frozen
    assert not release.freeze(folder, now, listed)
    (folder / "report.html").write_bytes(b"edited")
    with pytest.raises(versions.VersionError, match=r"report\.html is not as it was released"):
        versions.must_be_as_released(folder)
    (folder / "report.html").unlink()  # a release of before reports were kept
    assert release.as_it_reads(folder, frozen) == {"effects.csv": b"a\n"}


def test_a_release_that_was_cut_short_is_completed(tmp_path):
    folder = tmp_path / "1.0"
    folder.mkdir()
    (folder / "effects.csv").write_text("half")
    assert versions.released(tmp_path) == []
    assert release.freeze(folder, {"effects.csv": b"whole\n"}, "{}\n")
    assert (folder / "effects.csv").read_text() == "whole\n"
    assert versions.released(tmp_path) == ["1.0"]


def test_the_manifest_digests_what_went_in_and_what_came_out(tmp_path):
    brought = tmp_path / "studies.csv"
    brought.write_bytes(b"study_id\n")
    state = make(FIRST)
    frozen = {"b.csv": b"2", "a.csv": b"1"}
    listed = json.loads(release.manifest(state.asked.review, state.flow, frozen, [brought]))
    assert list(listed["files"]) == ["a.csv", "b.csv"]
    assert listed["files"]["a.csv"] == hashlib.sha256(b"1").hexdigest()
    assert listed["inputs"] == {str(brought): hashlib.sha256(b"study_id\n").hexdigest()}
    assert (listed["version"], listed["searched_to"], listed["studies"]) == ("1.0", "2024-01-01", 3)


def test_numbers_about_changes_are_no_part_of_a_release():
    printed = [
        {"id": "flow/identified", "value": 3, "text": "3", "unit": "", "what": "", "parents": []},
        {"id": "living/new", "value": 1, "text": "1", "unit": "", "what": "", "parents": []},
        {"id": "or/tau2", "value": 0.25, "text": "0.250", "unit": "", "what": "", "parents": []},
        {"id": "or/p", "value": None, "text": "–", "unit": "", "what": "", "parents": []},
    ]
    table = release.numbers(printed)
    assert table["id"].tolist() == ["flow/identified", "or/tau2", "or/p"]
    assert table["value"].tolist() == ["3", "0.25", ""]


def test_cumulative_over_years_is_each_year_fitted_by_itself():
    state = make(TRIALS, protocol("2.0"))
    rows = cumulative.steps([], state)
    years = rows[rows["along"] == "year"]
    assert years["step"].tolist() == [str(year) for year in range(2010, 2016)]
    assert years["added"].tolist() == list(TRIALS)
    effects = list(state.effects_of("fever-or").values())
    result = state.primary("fever-or")
    for k, row in enumerate(years.to_dict("records"), 1):
        known = fit(
            [e["yi"] for e in effects[:k]],
            [e["vi"] for e in effects[:k]],
            tau2=result["tau2_method"],
            interval=result["interval"],
        )
        assert row["k"] == k
        for name in ("estimate", "ci_low", "ci_high", "tau2"):
            assert row[name] == pytest.approx(getattr(known, name), rel=1e-12, abs=1e-15)
    assert years.iloc[-1]["estimate"] == pytest.approx(result["estimate"], rel=1e-12)
    assert years.iloc[-1]["display_estimate"] == pytest.approx(result["display_estimate"])


def test_two_studies_of_one_year_are_one_step_and_those_without_a_year_come_last():
    traits = {"bauer": {"year": 2010}, "ahn": {"year": pd.NA}}
    rows = cumulative.steps([], make(TRIALS, traits=traits))
    years = rows[rows["along"] == "year"]
    assert years["step"].tolist() == ["2010", "2012", "2013", "2014", "2015", "none"]
    assert years["added"].tolist()[-1] == "ahn"


def test_cumulative_over_releases_tells_what_came_and_went():
    one, two = make(FIRST), make({k: TRIALS[k] for k in ("bauer", "costa", "diaz")})
    object.__setattr__(two, "version", "2.0")
    rows = cumulative.steps([one], two)
    along = rows[rows["along"] == "release"]
    assert along[["step", "added", "removed"]].values.tolist() == [
        ["1.0", "ahn bauer costa", ""],
        ["present", "diaz", "ahn"],
    ]
    assert along["estimate"].tolist() == [
        state.primary("fever-or")["estimate"] for state in (one, two)
    ]


def concluded(result, asked, **changes):
    given = plan.Protocol.of(asked)
    return conclusions.conclusion(result, given.syntheses["fever-or"].but(**changes), given)


RESULT = {"display_estimate": 0.5, "display_ci_low": 0.3, "display_ci_high": 0.8}


@pytest.mark.parametrize(
    ("measure", "kind", "good", "values", "favours", "excludes"),
    [
        ("OR", "binary", "lower", (0.5, 0.3, 0.8), "drug", True),
        ("OR", "binary", "higher", (0.5, 0.3, 0.8), "none", True),
        ("OR", "survival", "higher", (2.0, 0.9, 4.0), "drug", False),
        # A hazard is of the event that ends survival: less of it is more survival.
        ("HR", "survival", "higher", (0.5, 0.3, 0.8), "drug", True),
        ("HR", "survival", "higher", (1.5, 1.0, 2.0), "none", False),
        ("MD", "continuous", "lower", (-2.0, -3.0, -1.0), "drug", True),
        ("RD", "binary", "lower", (0.0, -0.1, 0.1), "", False),
    ],
)
def test_which_side_and_how_sure(measure, kind, good, values, favours, excludes):
    asked = protocol()
    asked["outcomes"]["fever"] |= {"kind": kind, "good": good}
    result = dict(zip(RESULT, values, strict=True))
    found = concluded(result, asked, measure=measure)
    assert (found.favours, found.excludes_no_effect) == (favours, excludes)


@pytest.mark.parametrize(
    ("values", "threshold", "estimate", "interval", "told"),
    [
        ((0.6, 0.52, 0.7), 0.5, "above", "above", "above the threshold of 50% with its whole"),
        ((0.6, 0.4, 0.7), 0.5, "above", "across", "of 50%, which lies within the interval"),
        ((0.4, 0.3, 0.45), 0.5, "below", "below", "below the threshold of 50% with its whole"),
        ((0.5, 0.5, 0.6), 0.5, "on", "across", "on the threshold of 50%"),
        ((0.6, float("nan"), float("nan")), 0.5, "above", "", "above the threshold of 50%"),
    ],
)
def test_where_a_result_lies_among_thresholds(values, threshold, estimate, interval, told):
    asked = protocol(measure="PLO", arms=["drug"], thresholds=[threshold])
    result = dict(zip(RESULT, values, strict=True))
    found = concluded(result, asked)
    assert found.thresholds == (conclusions.Threshold(threshold, estimate, interval),)
    assert told in found.text


def test_one_arm_has_no_side():
    asked = protocol()
    found = concluded(RESULT, asked, measure="PLO", arms=("drug",))
    assert (found.favours, found.excludes_no_effect) == ("", None)
    nothing = concluded(None, asked, measure="PLO", arms=("drug",))
    assert conclusions.change(nothing, found)["changed"]
    assert not conclusions.change(found, found)["changed"]


def test_the_items_of_prisma_lsr_say_what_stands_there():
    one, two = make(FIRST), make(TRIALS, protocol("2.0"))
    first = prisma_lsr.items(changes.since([], one)[0], one).set_index("item")
    assert first.loc["L3", "now"] == "first version: nothing to compare with"
    later = prisma_lsr.items(changes.since([one], two)[0], two).set_index("item")
    assert {"L1", "L2", "L3", "L4"} <= set(later.index)
    assert later.loc["1", "now"] == "version 2.0"
    assert later.loc["L3", "now"].startswith("synthesis: 0, effect: 3, estimate:")
